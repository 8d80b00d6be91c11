using DiffusionDpo.Models.Pipelines;

namespace DiffusionDpo.Data.Loading;

/// <summary>One prepared pair: what a training step needs of it on the host.</summary>
public sealed record PreferencePair
{
    /// <summary>Pairs of the run before this one; with <see cref="Epoch"/> the key of every random draw for it.</summary>
    public required long GlobalIndex { get; init; }

    /// <summary>Pass over the data, from 0.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of the pair in the manifest.</summary>
    public required int Pair { get; init; }

    /// <summary>The caption, or nothing where it was dropped, or prepared.</summary>
    public required string Prompt { get; init; }

    /// <summary>Pixels of the preferred image in [−1, 1]: channel, row, column; 3·R·R.</summary>
    public required float[] Winner { get; init; }

    /// <summary>Pixels of the other image, laid out alike.</summary>
    public required float[] Loser { get; init; }

    /// <summary>Sizes of the preferred image and of the square cut from it.</summary>
    public ImageSizes WinnerSizes { get; init; }

    /// <summary>Sizes of the other image and of the square cut from it.</summary>
    public ImageSizes LoserSizes { get; init; }

    /// <summary>What was prepared of images and prompt; the pixels are empty then. Null: nothing was.</summary>
    public CachedPair? Cached { get; init; }

    /// <summary>Whether the caption is empty or was dropped.</summary>
    public bool HasEmptyPrompt => Cached?.IsPromptEmpty ?? (Prompt.Length == 0);

    /// <summary>1; 0 for a row that turned out bad, whose pixels are zero and whose loss must not count.</summary>
    public required double Weight { get; init; }

    /// <summary>A pair of weight 0.</summary>
    /// <param name="pair">Number of the pair in the manifest.</param>
    /// <param name="place">Its place in the run.</param>
    /// <param name="pixels">Of both images.</param>
    internal static PreferencePair Empty(int pair, DrawPlace place, float[] pixels) => new()
    {
        GlobalIndex = place.GlobalIndex,
        Epoch = place.Epoch,
        Pair = pair,
        Prompt = "",
        Winner = pixels,
        Loser = pixels,
        Weight = 0,
    };
}
