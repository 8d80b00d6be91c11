using DiffusionDpo.Data.Pairs;

namespace DiffusionDpo.Data.Preparation;

/// <summary>Where an image or a prompt is first met: the row whose shard encodes it.</summary>
/// <param name="Group">Number of the group in the manifest; -1 for the empty prompt, which is in no row.</param>
/// <param name="Offset">The pair's place in the group.</param>
/// <param name="IsSecond">Of an image: the second of the row.</param>
/// <param name="Hash">Of the image or prompt.</param>
internal readonly record struct FirstMet(int Group, int Offset, bool IsSecond, ContentHash Hash);

/// <summary>Where a pair's images and prompt are; all -1 for a bad row.</summary>
internal readonly record struct PairPlaces(int First, int Second, int Prompt)
{
    /// <summary>Of a bad row.</summary>
    public static PairPlaces None { get; } = new(-1, -1, -1);
}

/// <summary>
/// Gives every different image and prompt a number and one shard that encodes it: the first that holds it, in the order of the manifest. A pure function
/// of what the shards hold, so that any number of workers comes to the same without talking.
/// </summary>
internal sealed class Ownership
{
    private readonly Dictionary<ContentHash, int> _images = [];
    private readonly Dictionary<ContentHash, int> _prompts = [];

    /// <param name="manifest">The pairs.</param>
    /// <param name="shards">What is known of each shard's rows.</param>
    public Ownership(PairManifest manifest, IReadOnlyList<ShardRows> shards)
    {
        Images = [.. shards.Select(_ => new List<FirstMet>())];
        Prompts = [.. shards.Select(_ => new List<FirstMet>())];
        ImageFacts = [];
        Pairs = new PairPlaces[manifest.Pairs];
        Number(_prompts, Prompts[0], new FirstMet(-1, 0, false, ContentHash.Of([]))); // the empty prompt is always number 0
        var next = new int[shards.Count];
        foreach (var (number, group) in manifest.Groups.Index())
            for (var offset = 0; offset < group.Pairs.Count; offset++)
                Pairs[group.FirstPair + offset] = Claim(group.Shard, number, offset, shards[group.Shard].Rows[next[group.Shard]++]);
    }

    /// <summary>The images that each shard encodes, in order; numbers run on from shard to shard.</summary>
    public IReadOnlyList<List<FirstMet>> Images { get; }

    /// <summary>The prompts that each shard encodes, in order.</summary>
    public IReadOnlyList<List<FirstMet>> Prompts { get; }

    /// <summary>Every different image by its number.</summary>
    public List<ImageFacts> ImageFacts { get; }

    /// <summary>Every pair by its number.</summary>
    public PairPlaces[] Pairs { get; }

    private PairPlaces Claim(int shard, int group, int offset, RowFacts row)
    {
        if (row.Reason is not null) return PairPlaces.None;
        return new(
            NumberImage(Images[shard], new FirstMet(group, offset, false, row.First.Hash), row.First),
            NumberImage(Images[shard], new FirstMet(group, offset, true, row.Second.Hash), row.Second),
            Number(_prompts, Prompts[shard], new FirstMet(group, offset, false, row.Prompt)));
    }

    private int NumberImage(List<FirstMet> owned, FirstMet met, ImageFacts facts)
    {
        var number = Number(_images, owned, met);
        if (number == ImageFacts.Count) ImageFacts.Add(facts);
        return number;
    }

    private static int Number(Dictionary<ContentHash, int> numbers, List<FirstMet> owned, FirstMet met)
    {
        if (numbers.TryGetValue(met.Hash, out var number)) return number;
        numbers.Add(met.Hash, number = numbers.Count);
        owned.Add(met);
        return number;
    }
}
