using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Sampling;
using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo sample MODEL --prompt …</c>: draws images.</summary>
internal static class SampleCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "A model directory in diffusers layout, such as the one a run exports." };
        Option<string[]> prompts = new("--prompt", "-p") { Description = "What to draw; may be given several times.", Required = true, AllowMultipleArgumentsPerToken = true };
        Option<string?> negative = new("--negative-prompt") { Description = "What guidance leads away from. Default: no prompt at all." };
        Option<string> output = new("--output", "-o")
        {
            Description = "The PNG to write; several images are numbered: sample-1.png, sample-2.png, …",
            DefaultValueFactory = _ => "sample.png",
        };
        Option<int> count = new("--count", "-n") { Description = "Images per prompt.", DefaultValueFactory = _ => 1 };
        Option<int> steps = new("--steps") { Description = "Sampler steps.", DefaultValueFactory = _ => 30 };
        Option<double> guidance = new("--guidance-scale") { Description = "Strength of classifier-free guidance; 1 or less is none.", DefaultValueFactory = _ => 7.5 };
        Option<string> sampler = new("--sampler") { Description = "The sampler.", HelpName = string.Join('|', Samplers.Names), DefaultValueFactory = _ => "ddim" };
        sampler.AcceptOnlyFromAmong([.. Samplers.Names]);
        Option<long> seed = new("--seed") { Description = "Seed of the starting noise; image k of a prompt has the same noise for every model.", DefaultValueFactory = _ => 0 };
        Option<int?> width = new("--width") { Description = "Pixels. Default: the size the model was made for." };
        Option<int?> height = new("--height") { Description = "Pixels. Default: the size the model was made for." };
        Option<string?> refiner = new("--refiner") { Description = "A model that takes the last steps over, such as SDXL's refiner." };
        Option<double> refinerStart = new("--refiner-start") { Description = "Share of the noise levels that MODEL does before the refiner.", DefaultValueFactory = _ => 0.8 };
        Option<string?> lora = new("--lora") { Description = "A file of low-rank adapters for MODEL's UNet, of this program or another tool; one is supported." };
        Option<double> loraScale = new("--lora-scale") { Description = "Strength of the adapters; 0 is MODEL without them.", DefaultValueFactory = _ => 1 };
        DeviceOption device = new();
        ThreadsOption threads = new();
        Command command = new("sample", "Draw images with a base or fine-tuned model; the same seed gives the same noise to every model.")
        {
            model, prompts, negative, output, count, steps, guidance, sampler, seed, width, height, refiner, refinerStart,
            lora, loraScale, device, threads,
        };
        command.SetAction(parsed =>
        {
            threads.Apply(parsed);
            ImageDrawing drawing = new()
            {
                Model = parsed.GetRequiredValue(model),
                Prompts = parsed.GetRequiredValue(prompts),
                NegativePrompt = parsed.GetValue(negative),
                Output = parsed.GetValue(output)!,
                Count = parsed.GetValue(count),
                Steps = parsed.GetValue(steps),
                GuidanceScale = parsed.GetValue(guidance),
                Sampler = parsed.GetValue(sampler)!,
                Seed = parsed.GetValue(seed),
                Width = parsed.GetValue(width),
                Height = parsed.GetValue(height),
                Refiner = parsed.GetValue(refiner),
                RefinerStart = parsed.GetValue(refinerStart),
                Lora = parsed.GetValue(lora),
                LoraScale = parsed.GetValue(loraScale),
                Device = device.Use(parsed),
            };
            foreach (string path in drawing.Draw()) Console.Out.WriteLine(path);
            return (int)ExitClass.Succeeded;
        });
        return command;
    }
}
