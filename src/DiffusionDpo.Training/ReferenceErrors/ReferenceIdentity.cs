using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Runs;
using TorchSharp;

namespace DiffusionDpo.Training.ReferenceErrors;

/// <summary>All that decides the reference's errors on the visits of a run: two runs of one identity compute the same.</summary>
internal sealed class ReferenceIdentity
{
    /// <summary>Changes with the code: what this build draws for a visit, and how errors are computed from it.</summary>
    private const string Errors = "ddpo 1";

    private const int KeyLength = 32;

    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true };

    private readonly SortedDictionary<string, string> fields;

    private ReferenceIdentity(SortedDictionary<string, string> fields) => this.fields = fields;

    /// <summary>A hash of all fields, in hex.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())))[..KeyLength];

    /// <summary>The identity as it is written beside the errors.</summary>
    public string ToJson() => JsonSerializer.Serialize(fields, Written) + "\n";

    /// <summary>Of the visits that a run trains on.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="parts">The base model and what was prepared of the pairs.</param>
    public static ReferenceIdentity OfTraining(RunFile file, ReferenceParts parts) => new(new(Common(file, parts), StringComparer.Ordinal)
    {
        ["visits"] = "training",
        ["flip"] = $"{file.Data.Flip}",
        ["empty prompts"] = Number(file.Data.EmptyPromptProportion!.Value),
        ["timesteps"] = $"{file.Training.Timesteps.Min} to {file.Training.Timesteps.Max}",
        ["minimum SNR"] = Number(file.Training.MinSnrGamma),
    });

    /// <summary>Of the visits of its held-out measurements.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="parts">The base model and what was prepared of the held-out pairs.</param>
    public static ReferenceIdentity OfHeldOut(RunFile file, ReferenceParts parts) => new(new(Common(file, parts), StringComparer.Ordinal)
    {
        ["visits"] = "held out",
        ["pairs measured"] = Number(file.Evaluation.HeldOutPairs),
        ["timesteps of a pair"] = Number(file.Evaluation.TimestepsPerPair),
    });

    private static Dictionary<string, string> Common(RunFile file, ReferenceParts parts)
    {
        ModelDirectory model = ModelDirectory.Open(parts.Model);
        return new()
        {
            ["errors"] = Errors,
            ["unet weights"] = parts.WeightsHash,
            ["unet files"] = TextFilesHash.Of(model.ComponentPath("unet")),
            ["schedule"] = TextFilesHash.Of(model.ComponentPath("scheduler")),
            ["prepared data"] = parts.ContentKey,
            ["pairs"] = parts.PairsHash,
            ["seed"] = Number(file.Training.Seed),
            ["empty prompt"] = $"{file.Training.EmptyPrompt}",
            ["sizes"] = $"{file.Training.MicroConditioning}",
            ["precision"] = $"{file.Training.Precision}",
            // What follows changes last bits only, which a logit multiplies by β.
            ["pairs of a call"] = Number(file.Training.MicroBatch),
            ["network"] = $"{file.Adapter.Type}",
            ["device"] = $"{ComputeDevices.Of(file.Training).type}{(file.Training.Tf32 ? ", tf32" : "")}",
            ["processor"] = ComputeDevices.Of(file.Training).type == DeviceType.CUDA ? GpuMemory.Name() ?? "unknown" : Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "other",
            ["libtorch"] = torch.__version__,
        };
    }

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>What a reference and the visits it is asked about are made from.</summary>
/// <param name="Model">The base model's directory.</param>
/// <param name="WeightsHash">Hash of its UNet's weights.</param>
/// <param name="PairsHash">Hash of the list of pairs.</param>
/// <param name="ContentKey">Key of what images and prompts were encoded to.</param>
internal sealed record ReferenceParts(string Model, string WeightsHash, string PairsHash, string ContentKey);
