using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.UNets;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Families;

/// <summary>What a family makes of prompts and image sizes for its UNet. It owns its text encoders. The tensors belong to the caller's dispose scope.</summary>
public interface ITextConditioner : IDisposable
{
    /// <summary>Width W of the states of every token.</summary>
    long TextWidth { get; }

    /// <summary>Width P of the pooled prompt; 0 where there is none.</summary>
    long PooledWidth { get; }

    /// <summary>Numbers of the sizes that go with an image; 0 where there are none.</summary>
    int SizeNumbers { get; }

    /// <summary>Encodes prompts: token states and, where the family has it, the pooled prompt; no sizes.</summary>
    /// <param name="prompts">n prompts.</param>
    Conditioning Encode(IReadOnlyList<string> prompts);

    /// <summary>The sizes [n, <see cref="SizeNumbers"/>] of images; null where the family does not look at them.</summary>
    /// <param name="sizes">n images.</param>
    /// <param name="isAvoided">Of what guidance leads away from; the refiner is told a low aesthetic score of it.</param>
    Tensor? Sizes(IReadOnlyList<ImageSizes> sizes, bool isAvoided = false);

    /// <summary>What stands for no prompt at all: that of "", or zeros where the model was trained so.</summary>
    /// <param name="count">n.</param>
    /// <param name="asZeros">Zeros instead of the encoded empty prompt; null: as the model's index says.</param>
    Conditioning EncodeNothing(int count, bool? asZeros = null);
}
