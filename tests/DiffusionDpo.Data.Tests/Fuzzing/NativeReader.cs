using DiffusionDpo.Shared.Fuzzing;

namespace DiffusionDpo.Data.Tests.Fuzzing;

/// <summary>A reader with native code in it, and what it is fed with.</summary>
internal abstract class NativeReader
{
    public static IReadOnlyDictionary<string, Func<NativeReader>> All { get; } = new Dictionary<string, Func<NativeReader>>
    {
        ["images"] = () => new ImageReader(),
        ["shards"] = () => new ShardReader(),
    };

    /// <summary>Files that are taken.</summary>
    public abstract IReadOnlyList<byte[]> Sound { get; }

    /// <summary>Files that must be refused, by what is wrong with them.</summary>
    public abstract IReadOnlyDictionary<string, byte[]> Nasty { get; }

    /// <summary>The mutants.</summary>
    public Mutants Mutants => new(Sound, [.. Nasty.Values]);

    /// <summary>Reads one file; false where it is refused as documented.</summary>
    public abstract bool IsTaken(byte[] file);
}
