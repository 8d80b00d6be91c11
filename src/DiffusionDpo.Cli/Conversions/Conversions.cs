namespace DiffusionDpo.Cli.Conversions;

/// <summary>What can be converted; the first that recognises a request does it.</summary>
internal static class Conversions
{
    /// <summary>All conversions.</summary>
    public static IReadOnlyList<IConversion> All { get; } =
    [
        new PickleToFile(), new ModelsToLora(), new LoraToLora(), new DirectoryToFile(), new DirectoryToDirectory(), new FileToFile(), new OpenClipToDirectory(), new FileToDirectory(),
    ];
}
