using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Models.Layouts;

/// <summary>Which published family a single file is of, by the names and shapes in it: nothing else says so.</summary>
internal static class FamilyDetection
{
    /// <summary>The family.</summary>
    /// <exception cref="RunException">
    /// Data error: this is no single file, or its parts are of several families. User error: it has another size than any published family.
    /// </exception>
    public static PublishedFamily Of(Weights weights)
    {
        if (!IsSingleFile(weights))
            throw new RunException(
                ExitClass.DataError,
                LoraDocument.IsOne(weights.Entries.Keys)
                    ? $"{weights.Path} holds low-rank adapters and no model; merge them into one by ddpo convert MODEL TARGET --lora {weights.Path}, or give them other names by --naming"
                    : $"{weights.Path} is no model in one file: no name in it begins with {ModelLayout.UNetPrefix}; name such a file, or a model directory");
        PublishedFamily family = PublishedFamily.All.MaxBy(each => ShareOfUNet(weights, each))!;
        if (ShareOfUNet(weights, family) < 0.5)
            throw new RunException(
                ExitClass.UserError,
                $"{weights.Path}: its UNet has another size than any of {string.Join(", ", PublishedFamily.All.Select(each => each.Name))}; "
                + "give --like MODEL, a model directory of the same architecture");
        RefuseMixed(weights, family);
        PredictionMarks.RefuseUnlessPublished(weights, family);
        return family;
    }

    /// <summary>Whether a file is of this layout, of whatever size.</summary>
    public static bool IsSingleFile(Weights weights) => weights.Entries.Keys.Any(name => name.StartsWith(ModelLayout.UNetPrefix, StringComparison.Ordinal));

    private static double ShareOfUNet(Weights weights, PublishedFamily family)
    {
        IReadOnlyList<LayoutTensor> tensors = family.Layout.Networks[0].Tensors;
        int there = tensors.Count(tensor =>
            weights.Entries.TryGetValue(ModelLayout.UNetPrefix + tensor.Name, out var entry) && entry.Shape.SequenceEqual(tensor.Shape));
        return (double)there / tensors.Count;
    }

    private static void RefuseMixed(Weights weights, PublishedFamily family)
    {
        NetworkLayout? stray = PublishedFamily.All.SelectMany(each => each.Layout.Networks)
            .Where(network => family.Layout.Networks.All(own => own.Prefix != network.Prefix))
            .FirstOrDefault(network => weights.Entries.Keys.Any(name => SingleFileMatch.Is(name, network)));
        if (stray is null) return;
        IEnumerable<string> others = PublishedFamily.All.Where(each => each.Layout.Networks.Any(network => network.Prefix == stray.Prefix)).Select(each => each.Name);
        throw new RunException(
            ExitClass.DataError,
            $"{weights.Path} mixes parts of different families: its UNet is that of {family.Name}, and {stray.Title} belongs to {string.Join(" or ", others)}; take a file of one family");
    }
}
