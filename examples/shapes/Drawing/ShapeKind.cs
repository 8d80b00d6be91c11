namespace Quickstart;

/// <summary>What the prompts ask for.</summary>
internal enum ShapeKind
{
    Circle,
    Square,
    Triangle,
}
