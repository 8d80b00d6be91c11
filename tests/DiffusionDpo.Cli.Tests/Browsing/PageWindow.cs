namespace DiffusionDpo.Cli.Tests.Browsing;

/// <summary>How a page is looked at.</summary>
internal sealed record PageWindow(int Width, bool IsDark)
{
    /// <summary>An expression whose value, once it is there, is awaited before the page is judged.</summary>
    public string Until { get; init; } = "true";

    /// <summary>Where to write the page as PNG.</summary>
    public string? Picture { get; init; }

    /// <summary>How much of the page the picture shows, from the top.</summary>
    public int PictureHeight { get; init; } = 8000;
}
