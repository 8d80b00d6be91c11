namespace DiffusionDpo.Models.Safetensors;

/// <summary>Text from a file, fit for a one-line message: short, without control characters.</summary>
internal static class Excerpt
{
    private const int MaxLength = 200;

    /// <summary>The excerpt in quotation marks.</summary>
    /// <param name="text">Anything that came out of a file.</param>
    public static string Of(string text) => $"'{Plain(text)}'";

    /// <summary>The excerpt alone.</summary>
    /// <param name="text">Anything that came out of a file.</param>
    public static string Plain(string text)
    {
        string kept = text.Length <= MaxLength ? text : $"{text.AsSpan(0, MaxLength)}…";
        return string.Create(kept.Length, kept, static (into, from) =>
        {
            for (int i = 0; i < into.Length; i++) into[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '�' : from[i];
        });
    }
}
