using System.Buffers;
using System.Globalization;
using System.Text;

namespace DiffusionDpo.Models.Tokenizers;

/// <summary>
/// Unicode normalisation form C. The runtime's own does nothing here: without ICU, which this program does not require, it takes every
/// string for normalised. The tables are an embedded resource; Hangul is computed (Unicode standard, section 3.12).
/// </summary>
internal static class CanonicalComposition
{
    private const int Syllable = 0xAC00, Lead = 0x1100, Vowel = 0x1161, Trail = 0x11A7;
    private const int Vowels = 21, Trails = 28, Syllables = 19 * Vowels * Trails;

    // nothing below the first combining mark decomposes to something that is not composed again
    private static readonly SearchValues<char> NeverChanged = SearchValues.Create([.. Enumerable.Range(0, 0x300).Select(code => (char)code)]);

    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly Dictionary<int, (int First, int Second)> Parts = [];
    private static readonly Dictionary<(int First, int Second), int> Composed = [];

    static CanonicalComposition()
    {
        using Stream stream = typeof(CanonicalComposition).Assembly.GetManifestResourceStream("canonical-compositions.txt")!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] != '#') Add(line);
        }
    }

    /// <summary>The text in form C; a surrogate without its other half becomes U+FFFD.</summary>
    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(NeverChanged)) return text;
        List<int> codes = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) Decompose(rune.Value, codes);
        SortMarks(codes);
        Compose(codes);
        StringBuilder composed = new(codes.Count);
        foreach (int code in codes) composed.Append(new Rune(code).ToString());
        return composed.ToString();
    }

    private static void Decompose(int code, List<int> into)
    {
        if (code - Syllable is >= 0 and < Syllables and int index)
        {
            into.Add(Lead + index / (Vowels * Trails));
            into.Add(Vowel + index / Trails % Vowels);
            if (index % Trails > 0) into.Add(Trail + index % Trails);
        }
        else if (Parts.TryGetValue(code, out (int First, int Second) parts))
        {
            Decompose(parts.First, into);
            if (parts.Second > 0) into.Add(parts.Second); // only the first part decomposes further
        }
        else
        {
            into.Add(code);
        }
    }

    // marks that follow one base are in canonical order by class; those of equal class keep their order
    private static void SortMarks(List<int> codes)
    {
        for (int from = 0; from < codes.Count; from++)
        {
            int to = from;
            while (to < codes.Count && ClassOf(codes[to]) > 0) to++;
            if (to - from < 2) continue;
            List<int> sorted = [.. codes[from..to].OrderBy(ClassOf)];
            for (int mark = 0; mark < sorted.Count; mark++) codes[from + mark] = sorted[mark];
            from = to;
        }
    }

    // every code joins the last base if nothing of its own class or higher stands between them
    private static void Compose(List<int> codes)
    {
        int written = 0, starter = -1;
        for (int read = 0; read < codes.Count; read++)
        {
            int code = codes[read], own = ClassOf(code);
            bool adjacent = starter == written - 1;
            if (starter >= 0 && (adjacent || ClassOf(codes[written - 1]) is > 0 and var last && last < own)
                && Pair(codes[starter], code) is { } pair)
            {
                codes[starter] = pair;
                continue;
            }

            if (own == 0) starter = written;
            codes[written++] = code;
        }

        codes.RemoveRange(written, codes.Count - written);
    }

    private static int? Pair(int first, int second)
    {
        if (first - Lead is >= 0 and < 19 and int lead && second - Vowel is >= 0 and < Vowels and int vowel)
            return Syllable + (lead * Vowels + vowel) * Trails;
        if (first - Syllable is >= 0 and < Syllables and int syllable && syllable % Trails == 0 && second - Trail is > 0 and < Trails and int trail)
            return first + trail;
        return Composed.TryGetValue((first, second), out int composed) ? composed : null;
    }

    private static int ClassOf(int code) => Classes.GetValueOrDefault(code);

    private static void Add(string line)
    {
        string[] fields = line.Split('-', ':', '=', '!', ' ');
        int[] codes = Array.ConvertAll(fields, field => int.TryParse(field, NumberStyles.HexNumber, null, out int code) ? code : 0);
        if (line.Contains(':'))
        {
            for (int code = codes[0]; code <= codes[1]; code++) Classes[code] = byte.Parse(fields[2]);
            return;
        }

        (int First, int Second) parts = (codes[1], codes.ElementAtOrDefault(2));
        Parts[codes[0]] = parts;
        if (line.Contains('=')) Composed[parts] = codes[0];
    }
}
