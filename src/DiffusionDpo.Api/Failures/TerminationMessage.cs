using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Api.Failures;

/// <summary>
/// What a trainer process leaves behind: the operator's evidence, written where <see cref="Plans.EnvironmentKeys.TerminationLog"/> says.
/// Kubernetes keeps 4096 bytes of it.
/// </summary>
public sealed record TerminationMessage
{
    private const int MostBytes = 4096;

    /// <summary>How the process ended.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<ExitClass>))]
    public required ExitClass Class { get; init; }

    /// <summary>The exit code.</summary>
    public int Code => (int)Class;

    /// <summary>The process within the attempt, from 0.</summary>
    public int Rank { get; init; }

    /// <summary>Optimizer steps done; null before training began.</summary>
    public int? Step { get; init; }

    /// <summary>The newest complete checkpoint.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The newest checkpoint that this process completed; null where it completed none.</summary>
    public CheckpointStatus? LastCheckpoint { get; init; }

    /// <summary>One line for the user. Never a secret.</summary>
    public required string Message { get; init; }

    /// <summary>JSON of at most 4096 bytes of UTF-8; a long message loses its end.</summary>
    public string ToJson()
    {
        var whole = JsonSerializer.Serialize(this, ApiJson.Compact);
        if (Fits(whole)) return whole;
        var runes = Message.EnumerateRunes().ToList();
        // The most runes that fit. Escapes have several lengths, so that bytes cannot be counted off.
        var (fits, tooMany) = (0, runes.Count);
        while (tooMany - fits > 1)
        {
            var middle = (fits + tooMany) / 2;
            if (Fits(Shortened(runes, middle))) fits = middle;
            else tooMany = middle;
        }

        var shortened = Shortened(runes, fits);
        return Fits(shortened) ? shortened : (this with { Checkpoint = null, LastCheckpoint = null }).ToJson();
    }

    /// <summary>The message that a process left, or null where it left none or something else (a pod may write anything there).</summary>
    public static TerminationMessage? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<TerminationMessage>(json, ApiJson.Compact);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // ArgumentException: half a character, which UTF-8 has no bytes for.
            return null;
        }
    }

    private string Shortened(List<Rune> runes, int count) =>
        JsonSerializer.Serialize(this with { Message = string.Concat(runes.Take(count)) + "…" }, ApiJson.Compact);

    private static bool Fits(string json) => Encoding.UTF8.GetByteCount(json) <= MostBytes;
}
