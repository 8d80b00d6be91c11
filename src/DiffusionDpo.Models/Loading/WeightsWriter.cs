using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Loading;

/// <summary>Writes the tensors of a network as one safetensors file, or as shards with an index file if they are larger than one may be.</summary>
public static class WeightsWriter
{
    /// <summary>
    /// Writes <c>stem.safetensors</c>, or <c>stem-00001-of-0000N.safetensors</c> and so on with <c>stem.safetensors.index.json</c> last.
    /// Each file is atomic and durable; at most one tensor is copied at a time.
    /// </summary>
    /// <param name="directory">Where to; exists and holds no weights of this stem.</param>
    /// <param name="stem">Such as <c>diffusion_pytorch_model</c>.</param>
    /// <param name="tensors">Names and tensors; shards are filled in this order.</param>
    /// <param name="format">Element type, size of shards, metadata.</param>
    /// <exception cref="Api.Failures.RunException">Storage error: the disk is full or cannot be written. Data error: a value does not fit the type.</exception>
    public static void Write(string directory, string stem, IReadOnlyList<(string Name, Tensor Tensor)> tensors, WeightsFormat format)
    {
        List<List<(string Name, Tensor Tensor)>> shards = Split(tensors, format);
        if (shards.Count <= 1)
        {
            SafetensorsWriter.WriteFile(Path.Combine(directory, $"{stem}.safetensors"), tensors, format.Metadata, format.StoreAs);
            return;
        }

        var shardOf = new Dictionary<string, string>();
        for (int i = 0; i < shards.Count; i++)
        {
            string shard = $"{stem}-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            SafetensorsWriter.WriteFile(Path.Combine(directory, shard), shards[i], format.Metadata, format.StoreAs);
            foreach ((string name, _) in shards[i]) shardOf.Add(name, shard);
        }

        long total = tensors.Sum(each => BytesOf(each.Tensor, format));
        DurableFile.Write(Path.Combine(directory, $"{stem}.safetensors.index.json"), stream => ShardIndex.Write(shardOf, total, stream));
    }

    private static List<List<(string Name, Tensor Tensor)>> Split(IReadOnlyList<(string Name, Tensor Tensor)> tensors, WeightsFormat format)
    {
        var shards = new List<List<(string Name, Tensor Tensor)>>();
        long free = 0;
        foreach ((string Name, Tensor Tensor) each in tensors)
        {
            long bytes = BytesOf(each.Tensor, format);
            if (shards.Count == 0 || bytes > free)
            {
                shards.Add([]);
                free = format.MaxShardBytes;
            }

            shards[^1].Add(each);
            free -= bytes;
        }

        return shards;
    }

    private static long BytesOf(Tensor tensor, WeightsFormat format) =>
        tensor.numel() * StorageTypes.BytesOf(SafetensorsWriter.StoredType(tensor, format.StoreAs));
}
