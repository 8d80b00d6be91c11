using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Loading;

/// <summary>
/// The tensors of one network: one safetensors file, or several that an index file joins. Tensors are views of memory-mapped files and may
/// outlive this object, see <see cref="SafetensorsFile"/>.
/// </summary>
public sealed class Weights : IDisposable
{
    private readonly IReadOnlyList<SafetensorsFile> files;
    private readonly OrderedDictionary<string, SafetensorsEntry> entries = [];
    private readonly Dictionary<string, SafetensorsFile> homes = [];

    private Weights(string path, IReadOnlyList<SafetensorsFile> files)
    {
        Path = path;
        this.files = files;
        foreach (SafetensorsFile file in files)
        {
            foreach ((string name, SafetensorsEntry entry) in file.Entries)
            {
                entries.Add(name, entry);
                homes.Add(name, file);
            }
        }
    }

    /// <summary>The safetensors file or the index file.</summary>
    public string Path { get; }

    /// <summary>All tensors, shard by shard in the order of their data; offsets count within the shard.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => entries;

    /// <summary>Opens a safetensors file, or an index file (<c>.json</c>) with every shard that it names, which lie in its directory.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="Api.Failures.RunException">Input missing: a file is absent. Data error: a file is unsound, or index and shards disagree.</exception>
    public static Weights Open(string path) =>
        path.EndsWith(".json", StringComparison.Ordinal) ? OpenShards(path) : new(path, [SafetensorsFile.Open(path)]);

    /// <summary>The tensor of this name, as <see cref="SafetensorsFile.GetTensor"/> gives it.</summary>
    /// <param name="name">A key of <see cref="Entries"/>.</param>
    public Tensor GetTensor(string name) => homes[name].GetTensor(name);

    /// <summary>Lets go of the files; tensors taken from them stay valid.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in files) file.Dispose();
    }

    private static Weights OpenShards(string path)
    {
        ShardIndex index = ShardIndex.Read(path);
        var files = new List<SafetensorsFile>();
        try
        {
            string directory = System.IO.Path.GetDirectoryName(path)!;
            foreach (string shard in index.Shards) files.Add(SafetensorsFile.Open(System.IO.Path.Combine(directory, shard)));
            index.RefuseUnless(files);
            return new(path, files);
        }
        catch
        {
            foreach (SafetensorsFile file in files) file.Dispose();
            throw;
        }
    }
}
