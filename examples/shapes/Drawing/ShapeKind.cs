namespace Shapes.Drawing;

/// <summary>What the prompts ask for.</summary>
public enum ShapeKind
{
    Circle,
    Square,
    Triangle,
}

internal static class ShapeKinds
{
    /// <summary>What asks for it.</summary>
    public static string Prompt(this ShapeKind kind) => $"a {kind.ToString().ToLowerInvariant()}";

    /// <summary>Corners of its outline; a circle has none.</summary>
    public static int Corners(this ShapeKind kind) => kind switch { ShapeKind.Circle => 0, ShapeKind.Square => 4, _ => 3 };
}
