namespace DiffusionDpo.Data.Sources;

/// <summary>Texts of native libraries, which may run over several lines or quote the bytes of a broken file.</summary>
internal static class Printable
{
    private const int MaxLength = 200;

    /// <summary>One short line without control characters.</summary>
    public static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var clean = string.Concat(line.Select(c => char.IsControl(c) ? '?' : c));
        return clean.Length <= MaxLength ? clean : clean[..MaxLength] + "…";
    }
}
