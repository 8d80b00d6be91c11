namespace DiffusionDpo.Data.Images;

/// <summary>
/// The native image library, set up once: one thread per call (the loader's workers are the parallelism), no operation cache, and silence:
/// what it would warn of on the error stream is raised as an exception anyway.
/// </summary>
internal static class ImageCodec
{
    static ImageCodec()
    {
        NetVips.NetVips.Concurrency = 1;
        NetVips.Cache.Max = 0;
        NetVips.Log.SetLogHandler("VIPS", NetVips.Enums.LogLevelFlags.Warning, static (_, _, _) => { });
    }

    /// <summary>Makes sure that the set-up has happened.</summary>
    public static void Prepare()
    {
    }
}
