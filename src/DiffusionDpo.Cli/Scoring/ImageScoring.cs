using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Scorers;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Cli.Scoring;

/// <summary>Scores of image files, for people to look at.</summary>
internal sealed record ImageScoring
{
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Which scorer, and where its files are.</summary>
    public required ScorerSource Source { get; init; }

    public string? Prompt { get; init; }

    /// <summary>Where the network computes.</summary>
    public required Device Device { get; init; }

    /// <summary>Scores all images; higher is better.</summary>
    /// <returns>The scores, and for PickScore how likely each image is the preferred one of them all.</returns>
    /// <exception cref="RunException">User error: a prompt that is missing or does not count. Input missing or data error: an image. As the scorer's own.</exception>
    public (double[] Scores, double[]? Preferred) Score()
    {
        Scorer.Examine(Source);
        RgbImage[] images = [.. Images.Select(Read)];
        using DisposeScope scope = NewDisposeScope();
        using Scorer scorer = Scorer.Load(Source, Device);
        if (scorer.LooksAtPrompts != Prompt is not null)
            throw new RunException(ExitClass.UserError, scorer.LooksAtPrompts ? "--prompt: this scorer needs one; give what the images should show" : "--prompt: this scorer looks at no prompt; leave it away");
        Tensor? prompt = Prompt is null ? null : scorer.EmbedPrompts([Prompt]);
        Tensor scores = cat([.. images.Select(image => scorer.Score(scorer.EmbedImages(tensor(scorer.Preprocess(image), [1, 3, scorer.ImageSize, scorer.ImageSize])), prompt))], 0);
        return (Numbers(scores), Source.Type == ScorerType.PickScore && images.Length > 1 ? Numbers(Preference.Probabilities(scores)) : null);
    }

    private static double[] Numbers(Tensor tensor) => tensor.to(ScalarType.Float64).data<double>().ToArray();

    private static RgbImage Read(string path)
    {
        try
        {
            return ImageDecoder.DecodeWithAlpha(File.ReadAllBytes(path));
        }
        catch (BadImageException bad)
        {
            throw new RunException(ExitClass.DataError, $"{path} is no image that can be scored: {bad.Message}; give JPEG, PNG or WebP", bad);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.InputMissing, $"{path} cannot be read: {cause.Message.TrimEnd('.')}; check the path", cause);
        }
    }
}
