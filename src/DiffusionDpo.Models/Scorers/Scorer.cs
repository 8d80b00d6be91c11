using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Scorers;

/// <summary>How well images fit prompts, or please: one of <see cref="ScorerType"/>, with its models. Serves one thread, but for <see cref="Preprocess"/>.</summary>
public sealed class Scorer : IDisposable
{
    private readonly IScoringRule rule;
    private readonly ClipEmbedder clip;
    private readonly Lazy<string> identity;

    private Scorer(IScoringRule rule, ClipDirectory directory, ClipEmbedder clip)
    {
        this.rule = rule;
        this.clip = clip;
        identity = new(() => IdentityOf(rule, directory));
    }

    /// <summary>Whether prompts count; if not, <see cref="EmbedPrompts"/> need not be called.</summary>
    public bool LooksAtPrompts => rule.LooksAtPrompts;

    /// <summary>Side of the squares that it sees, S.</summary>
    public int ImageSize => rule.Preprocessing.Size;

    /// <summary>
    /// Images, prompts or scores that are best computed together, in passes of this size only. On the CPU one: more is hardly faster, and there the
    /// rows of a product are rounded differently according to where they stand, once several threads share them.
    /// </summary>
    public int BatchSize => clip.IsOnCpu ? 1 : 16;

    /// <summary>
    /// SHA-256 in lower-case hex of all that decides a score: the rule, what happens to images, configuration, tokenizer and weights. Reads all weights
    /// when it is asked for first.
    /// </summary>
    public string Identity => identity.Value;

    /// <summary>Opens and checks everything, then reads the weights.</summary>
    /// <param name="source">Which scorer, and where its files are.</param>
    /// <param name="device">Where it computes; null: the CPU.</param>
    /// <param name="type">The number format it computes in.</param>
    /// <exception cref="RunException">
    /// Input missing: a file is not there. Configuration error: files do not belong together, or are not for this scorer. Data error: one is unsound.
    /// </exception>
    public static Scorer Load(ScorerSource source, Device? device = null, ScalarType type = ScalarType.Float32)
    {
        (IScoringRule rule, ClipDirectory directory) = Open(source);
        try
        {
            return new(rule, directory, ClipEmbedder.Load(directory, type, device ?? CPU));
        }
        catch
        {
            rule.Dispose();
            throw;
        }
    }

    /// <summary>Opens and checks everything but the weights of the CLIP model, and gives it back.</summary>
    /// <param name="source">Which scorer, and where its files are.</param>
    /// <exception cref="RunException">As <see cref="Load"/>.</exception>
    public static void Examine(ScorerSource source)
    {
        (IScoringRule rule, ClipDirectory directory) = Open(source);
        using (rule) _ = directory.WeightsPath;
    }

    /// <summary>What <see cref="Identity"/> would be; reads all weights and loads none.</summary>
    /// <param name="source">Which scorer, and where its files are.</param>
    /// <exception cref="RunException">As <see cref="Load"/>.</exception>
    public static string IdentityOf(ScorerSource source)
    {
        (IScoringRule rule, ClipDirectory directory) = Open(source);
        using (rule) return IdentityOf(rule, directory);
    }

    /// <summary>What the image encoder sees of an image. Any thread.</summary>
    /// <param name="image">The image; its opacity counts for the aesthetic scorer.</param>
    /// <returns>Channel, row, column: 3·S·S values.</returns>
    public float[] Preprocess(RgbImage image) => rule.Preprocessing.Apply(image);

    /// <summary>Directions of images.</summary>
    /// <param name="pixels">[n, 3, S, S] as <see cref="Preprocess"/> gives them.</param>
    /// <returns>[n, P], each of length 1.</returns>
    public Tensor EmbedImages(Tensor pixels) => clip.Images(pixels);

    /// <summary>Directions of prompts.</summary>
    /// <param name="prompts">n prompts.</param>
    /// <returns>[n, P], each of length 1.</returns>
    public Tensor EmbedPrompts(IReadOnlyList<string> prompts) => clip.Texts(prompts);

    /// <summary>Scores; higher is better.</summary>
    /// <param name="images">[n, P]: directions of images.</param>
    /// <param name="prompts">[n, P]: those of the prompt of each; null where prompts do not count.</param>
    /// <returns>[n].</returns>
    public Tensor Score(Tensor images, Tensor? prompts)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return rule.Score(new(clip.ToRows(images), prompts is null ? null : clip.ToRows(prompts), clip.Scale)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        clip.Dispose();
        rule.Dispose();
    }

    private static (IScoringRule Rule, ClipDirectory Directory) Open(ScorerSource source)
    {
        ClipDirectory directory = ClipDirectory.Open(source.Model);
        return (ScorerList.Get(new(directory, source)), directory);
    }

    private static string IdentityOf(IScoringRule rule, ClipDirectory directory)
    {
        byte[] text = Encoding.UTF8.GetBytes($"ddpo scores 1\n{rule.Identity}\n{rule.Preprocessing.Description}\n");
        return Convert.ToHexStringLower(SHA256.HashData([.. text, .. directory.Identity()]));
    }
}
