using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Conversions;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Layouts;
using static TorchSharp.torch;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>ddpo convert SOURCE TARGET</c>: a model in another layout or precision.</summary>
internal static class ConvertCommand
{
    private static readonly Dictionary<string, ScalarType> s_precisions = new()
    {
        ["fp32"] = ScalarType.Float32,
        ["bf16"] = ScalarType.BFloat16,
        ["fp16"] = ScalarType.Float16,
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> source = new("SOURCE") { Description = "A model directory in diffusers layout, a model in one .safetensors file, or a pickle of plain tensors (.pth, .pt, .bin, .ckpt)." };
        Argument<string> target = new("TARGET") { Description = "What to write: one file if it ends in .safetensors, else a model directory. Nothing may be there yet." };
        Option<string?> precision = Precision("--precision", "Number format of the networks. Default: as they are stored.");
        Option<string?> vaePrecision = Precision("--vae-precision", "Number format of the autoencoder. Default: that of --precision.");
        Option<string?> tokenizer = new("--tokenizer") { Description = "For a file that becomes a directory: a tokenizer's directory, or a model directory that has one. A single file holds none." };
        Option<string?> like = new("--like") { Description = "For a file: a model directory of the same architecture, of which configuration and tokenizer are taken." };
        Option<string?> lora = new("--lora") { Description = "For a model directory: a file of low-rank adapters that become part of its UNet." };
        Option<double?> loraScale = new("--lora-scale") { Description = "Strength of the adapters that are merged. Default: 1." };
        Option<string?> naming = new("--naming") { Description = "For a file of low-rank adapters: the names that it gets.", HelpName = string.Join('|', LoraNaming.Written.Keys) };
        naming.AcceptOnlyFromAmong([.. LoraNaming.Written.Keys]);
        Option<string?> extract = new("--extract-lora") { Description = "The model directory that SOURCE was trained from: TARGET becomes a file of low-rank adapters that come nearest to the difference.", HelpName = "BASE" };
        Option<int?> rank = new("--rank") { Description = $"Largest rank of adapters that are extracted. Default: {ConversionRequest.DefaultRank}." };
        Command command = new(
            "convert",
            "Write a model in another layout or precision: from diffusers layout to the single file that other tools read, and back; merge low-rank adapters into a "
            + "model, give them other names, or extract them from a trained model; make a .safetensors file of a pickle's tensors. TARGET appears whole or not at all; tensors are copied one after another.")
        {
            source, target, precision, vaePrecision, tokenizer, like, lora, loraScale, naming, extract, rank,
        };
        command.SetAction(parsed =>
        {
            ConversionRequest request = new()
            {
                Source = parsed.GetRequiredValue(source),
                Target = parsed.GetRequiredValue(target),
                Tokenizer = parsed.GetValue(tokenizer),
                Like = parsed.GetValue(like),
                Precision = Named(parsed.GetValue(precision)),
                VaePrecision = Named(parsed.GetValue(vaePrecision)),
                Lora = parsed.GetValue(lora),
                LoraScale = parsed.GetValue(loraScale),
                Naming = parsed.GetValue(naming) is { } name ? LoraNaming.Written[name] : null,
                ExtractFrom = parsed.GetValue(extract),
                Rank = parsed.GetValue(rank),
            };
            Console.Out.WriteLine(Convert(request));
            return (int)ExitClass.Succeeded;
        });
        return command;
    }

    private static string Convert(ConversionRequest request)
    {
        request.RefuseWhatIsNoModel();
        IConversion conversion = Conversions.Conversions.All.First(each => each.Recognises(request));
        using CopyProgress progress = new(Console.Error, isTerminal: !Console.IsErrorRedirected, TimeProvider.System);
        using StopSignal signal = new(_ => { }, progress.Dispose);
        return conversion.Convert(request, new ConversionSettings
        {
            Precision = request.Precision, AutoencoderPrecision = request.VaePrecision, Meter = new(Show),
        });

        void Show(long done, long total)
        {
            // What is half written goes with the failure; the process' end would leave it.
            if (signal.Token.IsCancellationRequested) throw new RunException(ExitClass.PreemptedSaved, $"stopped: {request.Target} was not written");
            progress.Show(done, total);
        }
    }

    private static Option<string?> Precision(string name, string description)
    {
        Option<string?> option = new(name) { Description = description, HelpName = string.Join('|', s_precisions.Keys) };
        option.AcceptOnlyFromAmong([.. s_precisions.Keys]);
        return option;
    }

    private static ScalarType? Named(string? name) => name is null ? null : s_precisions[name];
}
