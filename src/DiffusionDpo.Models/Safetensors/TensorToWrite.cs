using static TorchSharp.torch;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>A tensor that is fetched when its turn to be written comes, so that a model larger than memory can be written.</summary>
/// <param name="Name">Its key in the file.</param>
/// <param name="Type">The element type it is stored in.</param>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="Read">Gives it, of this shape and of any type; called once, without gradients, in a dispose scope that ends when it is written.</param>
public sealed record TensorToWrite(string Name, ScalarType Type, IReadOnlyList<long> Shape, Func<Tensor> Read)
{
    /// <summary>Bytes that it takes in the file.</summary>
    internal long Bytes => Shape.Aggregate(1L, (product, size) => product * size) * StorageTypes.BytesOf(Type);

    /// <summary>One that is there already.</summary>
    /// <param name="name">Its key in the file.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="storeAs">Store it in this type if it is floating; null keeps its own.</param>
    public static TensorToWrite Of(string name, Tensor tensor, ScalarType? storeAs = null) =>
        new(name, TypeOf(tensor.dtype, storeAs), tensor.shape, () => tensor);

    /// <summary>The type that an element of a type is stored in.</summary>
    internal static ScalarType TypeOf(ScalarType own, ScalarType? storeAs) => StorageTypes.IsFloating(own) ? storeAs ?? own : own;
}
