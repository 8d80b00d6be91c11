namespace DiffusionDpo.Storage.Remote;

/// <summary>
/// How large the parts of an object are, of which nobody knows how large it gets. They are all alike up to 39 GiB, because some services (R2) take no
/// others; after that they are four times as large, so that the number of parts that a service allows goes further. A part is sent again when it was
/// lost, so it stays in memory: this is what bounds its size, and with it the size of an object.
/// </summary>
internal static class PartPlan
{
    /// <summary>Bytes of each of the first parts; an object that fits into one is not cut.</summary>
    public const int FirstBytes = 8 << 20;

    /// <summary>Places for parts that are under way; a larger part takes more of them.</summary>
    public const int Places = 6;

    private const int LaterBytes = 32 << 20;
    private const int FirstParts = 5_000;

    /// <summary>Bytes of a part, counted from 0, but for the last.</summary>
    public static int BytesOf(int number) => number < FirstParts ? FirstBytes : LaterBytes;

    /// <summary>Places that a part takes.</summary>
    public static int PlacesOf(int number) => number < FirstParts ? 1 : Places / 2;

    /// <summary>Bytes that so many parts hold.</summary>
    public static long TotalOf(int parts) => ((long)Math.Min(parts, FirstParts) * FirstBytes) + ((long)Math.Max(parts - FirstParts, 0) * LaterBytes);
}
