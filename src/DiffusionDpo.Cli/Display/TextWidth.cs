using System.Globalization;
using System.Text;

namespace DiffusionDpo.Cli.Display;

/// <summary>How wide lines may be, and text in such lines.</summary>
internal static class TextWidth
{
    private const int Narrowest = 40;
    private const int WhereUnknown = 80;

    /// <summary>Columns of standard output: what <c>COLUMNS</c> says, else the terminal's, else 80.</summary>
    public static int OfOutput
    {
        get
        {
            string? said = Environment.GetEnvironmentVariable("COLUMNS");
            bool isSaid = int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && columns > 0;
            if (!isSaid) columns = Console.IsOutputRedirected ? WhereUnknown : Console.WindowWidth;
            return columns <= 0 ? WhereUnknown : Math.Max(Narrowest, columns);
        }
    }

    /// <summary>Breaks a text between words; a word that is too long alone has a line of its own.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">Characters of a line.</param>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        List<string> lines = [];
        StringBuilder line = new();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line.ToString());
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        if (line.Length > 0) lines.Add(line.ToString());
        return lines;
    }
}
