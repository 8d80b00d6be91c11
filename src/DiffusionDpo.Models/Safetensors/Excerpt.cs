namespace DiffusionDpo.Models.Safetensors;

/// <summary>Text from a file, fit for a one-line message: quoted, short, without control characters.</summary>
internal static class Excerpt
{
    private const int MaxLength = 120;

    /// <summary>The quoted excerpt.</summary>
    /// <param name="text">Anything that came out of a file.</param>
    public static string Of(string text)
    {
        string kept = text.Length <= MaxLength ? text : text[..MaxLength] + "…";
        return $"'{string.Create(kept.Length, kept, static (into, from) =>
        {
            for (int i = 0; i < into.Length; i++) into[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '�' : from[i];
        })}'";
    }
}
