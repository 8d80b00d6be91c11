using Shapes.Drawing;

namespace Shapes.Judging;

/// <summary>What can be seen in an image.</summary>
/// <param name="Kind">The shape; null where there is none that is clearly one of the three.</param>
/// <param name="Color">The colour that is nearest; null where there is nothing but paper.</param>
internal sealed record Verdict(ShapeKind? Kind, ShapeColor? Color);
