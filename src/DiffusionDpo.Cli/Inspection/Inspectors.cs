namespace DiffusionDpo.Cli.Inspection;

/// <summary>What can be inspected; the first that recognises a path describes it.</summary>
internal static class Inspectors
{
    /// <summary>All kinds.</summary>
    public static IReadOnlyList<IInspector> All { get; } = [new CheckpointInspector(), new ModelInspector(), new LoraInspector(), new WeightsInspector()];
}
