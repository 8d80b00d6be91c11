using System.CommandLine;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Conversions;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Processes;
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
        Argument<string> source = new("SOURCE") { Description = "A model directory in diffusers layout, or a model in one .safetensors file." };
        Argument<string> target = new("TARGET") { Description = "What to write: one file if it ends in .safetensors, else a model directory. Nothing may be there yet." };
        Option<string?> precision = Precision("--precision", "Number format of the networks. Default: as they are stored.");
        Option<string?> vaePrecision = Precision("--vae-precision", "Number format of the autoencoder. Default: that of --precision.");
        Option<string?> tokenizer = new("--tokenizer") { Description = "For a file that becomes a directory: a tokenizer's directory, or a model directory that has one. A single file holds none." };
        Option<string?> like = new("--like") { Description = "For a file: a model directory of the same architecture, of which configuration and tokenizer are taken." };
        Command command = new(
            "convert",
            "Write a model in another layout or precision: from diffusers layout to the single file that other tools read, and back. "
            + "TARGET appears whole or not at all; tensors are copied one after another.") { source, target, precision, vaePrecision, tokenizer, like };
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
