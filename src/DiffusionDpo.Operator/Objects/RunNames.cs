using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Operator.Objects;

/// <summary>
/// Names of a run's objects. They follow from the fine-tune alone, so that whoever makes an object a second time finds the first.
/// At most 36 + 1 + 5 characters for the run, 63 with stage, attempt and pod index.
/// </summary>
internal static class RunNames
{
    // Without vowels and look-alikes no word comes about by chance.
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";
    private const int HashLength = 5;

    /// <summary>Name of the run: ConfigMap and Service have it, Jobs begin with it.</summary>
    public static string Run(DpoFineTune fineTune) => Run(fineTune, fineTune.Spec.RunId);

    /// <summary>The same for another run of the fine-tune.</summary>
    public static string Run(DpoFineTune fineTune, string runId) => $"{fineTune.Metadata.Name}-{Hash($"{fineTune.Metadata.Uid}/{runId}")}";

    /// <summary>Name of an attempt's Job.</summary>
    public static string Job(DpoFineTune fineTune, AttemptStatus attempt) => $"{Run(fineTune)}-{Word(attempt.Stage)}-a{attempt.Number}";

    /// <summary>A stage as names and files have it.</summary>
    public static string Word(Stage stage) => stage.ToString().ToLowerInvariant();

    private static string Hash(string text) =>
        string.Concat(SHA256.HashData(Encoding.UTF8.GetBytes(text)).Take(HashLength).Select(b => Letters[b % Letters.Length]));
}
