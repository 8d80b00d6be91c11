namespace DiffusionDpo.Data.Images;

/// <summary>The native image library, set up once: one thread per call (the loader's workers are the parallelism) and no operation cache.</summary>
internal static class ImageCodec
{
    static ImageCodec()
    {
        NetVips.NetVips.Concurrency = 1;
        NetVips.Cache.Max = 0;
    }

    /// <summary>Makes sure that the set-up has happened.</summary>
    public static void Prepare()
    {
    }
}
