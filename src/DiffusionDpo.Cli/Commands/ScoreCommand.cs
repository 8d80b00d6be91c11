using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Scoring;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo score IMAGE…</c>: what a scorer says of images.</summary>
internal static class ScoreCommand
{
    private static readonly Dictionary<string, ScorerType> s_scorers = Enum.GetValues<ScorerType>().ToDictionary(type => JsonNamingPolicy.CamelCase.ConvertName($"{type}"));

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> images = new("IMAGE") { Description = "JPEG, PNG or WebP files.", Arity = ArgumentArity.OneOrMore };
        Option<string> scorer = new("--scorer") { Description = "The scorer, as data.feedback.scorer names it.", HelpName = string.Join('|', s_scorers.Keys), DefaultValueFactory = _ => "pickScore" };
        scorer.AcceptOnlyFromAmong([.. s_scorers.Keys]);
        Option<string> model = new("--model") { Description = "Its CLIP model: a directory in transformers' layout.", Required = true };
        Option<string?> head = new("--head") { Description = "The weights of the aesthetic predictor, a .safetensors file." };
        Option<string?> prompt = new("--prompt", "-p") { Description = "What the images should show; the aesthetic predictor looks at none." };
        DeviceOption device = new();
        ThreadsOption threads = new();
        Command command = new("score", "Say what a scorer says of images, as it labels pairs by AI feedback; for PickScore also how likely each is preferred among them.")
        {
            images, scorer, model, head, prompt, device, threads,
        };
        command.SetAction(parsed =>
        {
            threads.Apply(parsed);
            ImageScoring scoring = new()
            {
                Images = parsed.GetRequiredValue(images),
                Source = new(s_scorers[parsed.GetValue(scorer)!], parsed.GetRequiredValue(model)) { Head = parsed.GetValue(head) },
                Prompt = parsed.GetValue(prompt),
                Device = device.Use(parsed),
            };
            (double[] scores, double[]? preferred) = scoring.Score();
            foreach ((int i, string image) in scoring.Images.Index())
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scores[i],10:F4}  {image}{(preferred is null ? "" : $"  (preferred {100 * preferred[i]:F1} %)")}"));
            return (int)ExitClass.Succeeded;
        });
        return command;
    }
}
