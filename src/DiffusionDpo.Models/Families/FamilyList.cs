using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Families.StableDiffusion1;
using DiffusionDpo.Models.Families.StableDiffusion2;
using DiffusionDpo.Models.Families.StableDiffusionXL;
using DiffusionDpo.Models.Families.StableDiffusionXLRefiner;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Models.Families;

/// <summary>The list of families.</summary>
public static class FamilyList
{
    /// <summary>All; of several that fit a directory the first is meant.</summary>
    public static IReadOnlyList<Family> All { get; } = [Sd15Family.Values, Sd21Family.Values, SdxlFamily.Values, SdxlRefinerFamily.Values];

    /// <summary>The family of a model directory.</summary>
    /// <param name="model">The directory.</param>
    /// <param name="prediction">What its scheduler says that the network predicts.</param>
    /// <param name="wanted">The family that it is said to be; null: any.</param>
    /// <exception cref="RunException">Configuration error: it is of no known family, or not of the one that is wanted.</exception>
    public static Family Of(ModelDirectory model, PredictionType prediction, ModelFamily? wanted = null)
    {
        Family[] fitting = [.. All.Where(each => each.PipelineClass == model.PipelineClass)];
        if (fitting.Length == 0) throw Refusal(model, $"only {string.Join(", ", All.Select(each => each.PipelineClass).Distinct())} are supported");
        Family? found = fitting.FirstOrDefault(each => each.Predictions.Contains(prediction) && (wanted is null || each.Name == wanted));
        if (found is not null) return found;
        string those = string.Join(" or ", fitting.Where(each => each.Predictions.Contains(prediction)).Select(each => each.Title));
        throw Refusal(model, $"with a scheduler for {prediction}, that is {those}; model.family says {All.First(each => each.Name == wanted).Title}: correct one of the two");
    }

    private static RunException Refusal(ModelDirectory model, string what) =>
        new(ExitClass.ConfigurationError, $"{model.Path}: {ModelDirectory.IndexName} names a {model.PipelineClass}; {what}");
}
