namespace DiffusionDpo.Cli.Display;

/// <summary>Colours of a few words, for people at a terminal; elsewhere, with <c>NO_COLOR</c> set or <c>TERM=dumb</c>, text stays as it is.</summary>
/// <param name="areSeen">Whether there is somebody to see them.</param>
internal sealed class Colours(bool areSeen)
{
    /// <summary>Those of standard output.</summary>
    public static Colours OfOutput { get; } = new(AreSeen(Console.IsOutputRedirected));

    /// <summary>Those of standard error.</summary>
    public static Colours OfErrors { get; } = new(AreSeen(Console.IsErrorRedirected));

    /// <summary>What went wrong.</summary>
    /// <param name="text">The words.</param>
    public string Bad(string text) => Paint("1;31", text);

    /// <summary>What deserves a look.</summary>
    /// <param name="text">The words.</param>
    public string Doubtful(string text) => Paint("1;33", text);

    /// <summary>What is well.</summary>
    /// <param name="text">The words.</param>
    public string Good(string text) => Paint("1;32", text);

    /// <summary>Headings and places.</summary>
    /// <param name="text">The words.</param>
    public string Strong(string text) => Paint("1", text);

    private static bool AreSeen(bool isRedirected) =>
        !isRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null or "");

    private string Paint(string code, string text) => areSeen ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
