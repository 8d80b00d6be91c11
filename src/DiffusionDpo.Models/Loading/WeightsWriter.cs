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
    /// <exception cref="Api.Failures.RunException">Storage error: the disk is full or cannot be written.
    /// Data error: a value does not fit the type.</exception>
    public static void Write(string directory, string stem, IReadOnlyList<(string Name, Tensor Tensor)> tensors, WeightsFormat format) =>
        Write(directory, stem, [.. tensors.Select(each => TensorToWrite.Of(each.Name, each.Tensor, format.StoreAs))], format);

    /// <summary>The same from tensors that are fetched one after another and say themselves what type they are stored in.</summary>
    /// <param name="directory">Where to; exists and holds no weights of this stem.</param>
    /// <param name="stem">Such as <c>diffusion_pytorch_model</c>.</param>
    /// <param name="tensors">The tensors; shards are filled in this order.</param>
    /// <param name="format">Size of shards, metadata.</param>
    /// <exception cref="Api.Failures.RunException">Storage error: the disk is full or cannot be written.
    /// Data error: a value does not fit the type.</exception>
    public static void Write(string directory, string stem, IReadOnlyList<TensorToWrite> tensors, WeightsFormat format)
    {
        List<List<TensorToWrite>> shards = Split(tensors, format.MaxShardBytes);
        if (shards.Count <= 1)
        {
            SafetensorsWriter.WriteFile(Path.Combine(directory, $"{stem}.safetensors"), tensors, format.Metadata);
            return;
        }

        var shardOf = new Dictionary<string, string>();
        for (int i = 0; i < shards.Count; i++)
        {
            string shard = $"{stem}-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            SafetensorsWriter.WriteFile(Path.Combine(directory, shard), shards[i], format.Metadata);
            foreach (TensorToWrite each in shards[i]) shardOf.Add(each.Name, shard);
        }

        long total = tensors.Sum(each => each.Bytes);
        DurableFile.Write(Path.Combine(directory, $"{stem}.safetensors.index.json"), stream => ShardIndex.Write(shardOf, total, stream));
    }

    private static List<List<TensorToWrite>> Split(IReadOnlyList<TensorToWrite> tensors, long mostBytes)
    {
        var shards = new List<List<TensorToWrite>>();
        long free = 0;
        foreach (TensorToWrite each in tensors)
        {
            if (shards.Count == 0 || each.Bytes > free)
            {
                shards.Add([]);
                free = mostBytes;
            }

            shards[^1].Add(each);
            free -= each.Bytes;
        }

        return shards;
    }
}
