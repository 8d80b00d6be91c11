namespace DiffusionDpo.Data.Sources;

/// <summary>Encoded images as shards hold or name them.</summary>
internal static class EncodedImage
{
    /// <summary>Longer ones are bad rows and are not read: what a shard says of a size is not believed up to any memory.</summary>
    public const long MostBytes = 64 << 20;
}
