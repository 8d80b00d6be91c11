using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Layouts;

/// <summary>Counts what a conversion writes.</summary>
/// <param name="progress">Told before each tensor is written: bytes written, and bytes in all.</param>
public sealed class WriteMeter(Action<long, long>? progress = null)
{
    private long done;

    /// <summary>Tensors in all.</summary>
    public int Tensors { get; private set; }

    /// <summary>Bytes of tensors in all.</summary>
    public long Bytes { get; private set; }

    /// <summary>The same tensors, each telling its progress. All are announced before the first is written.</summary>
    internal IReadOnlyList<TensorToWrite> Watch(IEnumerable<TensorToWrite> tensors)
    {
        TensorToWrite[] watched =
        [
            .. tensors.Select(each => each with
            {
                Read = () =>
                {
                    progress?.Invoke(done, Bytes);
                    done += each.Bytes;
                    return each.Read();
                },
            }),
        ];
        Tensors += watched.Length;
        Bytes += watched.Sum(each => each.Bytes);
        return watched;
    }
}
