using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Scorers;

/// <summary>Files that do not belong together, or are not for the scorer: one clear error each, before weights are read where that is possible.</summary>
public sealed class BadScorerTests : IDisposable
{
    private static readonly string Model = ScorerGoldens.HeadModel;

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();

    public BadScorerTests() => CopyOf(Goldens.Path(Model));

    public void Dispose()
    {
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void A_sound_copy_is_taken() => Scorer.Load(Aesthetic(ScorerGoldens.Head)).Dispose();

    [Theory]
    [InlineData("config.json", ExitClass.InputMissing)]
    [InlineData("model.safetensors", ExitClass.InputMissing)]
    [InlineData("vocab.json", ExitClass.InputMissing)]
    [InlineData("tokenizer_config.json", ExitClass.InputMissing)]
    [InlineData("preprocessor_config.json", ExitClass.InputMissing)]
    public void A_missing_file_is_named(string name, ExitClass expected)
    {
        File.Delete(In(name));
        RunException refusal = Refused(new(ScorerType.PickScore, directory.FullName));
        Assert.Equal(expected, refusal.ExitClass);
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_is_not_there_or_holds_something_else_is_refused()
    {
        Assert.Contains("is not a directory", Refused(new(ScorerType.PickScore, In("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("diffusers layout", Refused(new(ScorerType.PickScore, Goldens.Path("tiny-sd15"))).Message, StringComparison.Ordinal);
        Assert.Contains("CLIPTextModel", Refused(new(ScorerType.PickScore, Goldens.Path("tiny-sd15", "text_encoder"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_model_are_refused_with_what_differs()
    {
        File.Copy(Goldens.Path(ScorerGoldens.Models.First(model => model != Model), "model.safetensors"), In("model.safetensors"), overwrite: true);
        RunException refusal = Refused(new(ScorerType.ClipScore, directory.FullName));
        Assert.Equal(ExitClass.DataError, refusal.ExitClass);
        Assert.Contains("of another shape", refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string> Configurations => new()
    {
        { "config.json", "projection_dim", "0", "projection_dim is 0" },
        { "config.json", "text_config", "null", "text_config" },
        { "config.json", "vision_config", "[]", "vision_config" },
        { "config.json", "vision_config.hidden_act", "\"relu\"", "vision_config: hidden_act" },
        { "config.json", "vision_config.num_channels", "4", "vision_config: num_channels" },
        { "config.json", "vision_config.num_attention_heads", "3", "divisible by num_attention_heads 3" },
        { "config.json", "vision_config.patch_size", "33", "patch_size is 33" },
        { "config.json", "text_config.vocab_size", "700", "its text encoder only 700 tokens" },
        { "config.json", "text_config.max_position_embeddings", "70", "takes at most 70" },
        { "config.json", "vision_config.image_size", "64", "the model takes images of 64 pixels" },
        { "preprocessor_config.json", "crop_size", "16", "crop_size is 16" },
        { "preprocessor_config.json", "crop_size", "{\"height\":32,\"width\":16}", "crop_size" },
        { "preprocessor_config.json", "size", "16", "at least crop_size" },
        { "preprocessor_config.json", "size", "{\"longest_edge\":32}", "shortest_edge" },
        { "preprocessor_config.json", "resample", "2", "only 3 is supported" },
        { "preprocessor_config.json", "do_center_crop", "false", "only true is supported" },
        { "preprocessor_config.json", "image_mean", "[0.5, 0.5]", "image_mean" },
        { "preprocessor_config.json", "image_std", "[0.5, 0, 0.5]", "image_std" },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void A_configuration_that_does_not_fit_is_an_error_that_names_the_key(string file, string key, string value, string expected)
    {
        JsonNode config = JsonNode.Parse(File.ReadAllText(In(file)))!, at = config;
        string[] path = key.Split('.');
        foreach (string part in path[..^1]) at = at[part]!;
        at[path[^1]] = JsonNode.Parse(value);
        File.WriteAllText(In(file), config.ToJsonString());
        RunException refusal = Refused(new(ScorerType.PickScore, directory.FullName));
        Assert.Equal(ExitClass.ConfigurationError, refusal.ExitClass);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_aesthetic_scorer_needs_a_head_that_fits()
    {
        Assert.Contains("data.feedback.head", Refused(Aesthetic(null)).Message, StringComparison.Ordinal);
        Assert.Equal(ExitClass.InputMissing, Refused(Aesthetic(In("none.safetensors"))).ExitClass);
        File.WriteAllText(In("head.pth"), "");
        Assert.Contains("ddpo convert", Refused(Aesthetic(In("head.pth"))).Message, StringComparison.Ordinal);
        RunException another = Refused(Aesthetic(Head(([7, 25], 7), ([1, 7], 1))));
        Assert.Equal(ExitClass.ConfigurationError, another.ExitClass);
        Assert.Contains("embeddings of width 25", another.Message, StringComparison.Ordinal);
        Assert.Contains("have 24", another.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_head_is_refused()
    {
        string[] reasons =
        [
            Refused(Aesthetic(Goldens.Path(Model, "model.safetensors"))).Message,
            Refused(Aesthetic(Head(([7, 24], 7), ([1, 8], 1)))).Message,
            Refused(Aesthetic(Head(([7, 24], 6), ([1, 7], 1)))).Message,
            Refused(Aesthetic(Head(([7, 24], 7), ([2, 7], 2)))).Message,
            Refused(Aesthetic(Head())).Message,
        ];
        Assert.Contains("it has a tensor", reasons[0], StringComparison.Ordinal);
        Assert.Contains("its 2. layer", reasons[1], StringComparison.Ordinal);
        Assert.Contains("its 1. layer", reasons[2], StringComparison.Ordinal);
        Assert.Contains("gives 2 numbers", reasons[3], StringComparison.Ordinal);
        Assert.Contains("no tensors", reasons[4], StringComparison.Ordinal);
    }

    [Fact]
    public void What_decides_scores_decides_the_identity_and_nothing_else_does()
    {
        string before = Identity(Aesthetic(ScorerGoldens.Head));
        Assert.Equal(before, Identity(new(ScorerType.Aesthetic, Goldens.Path(Model)) { Head = ScorerGoldens.Head }));
        string[] others =
        [
            Identity(new(ScorerType.ClipScore, directory.FullName)),
            Identity(new(ScorerType.PickScore, directory.FullName)),
            Identity(new(ScorerType.HpsV2, directory.FullName)),
            Identity(new(ScorerType.HpsV2, directory.FullName) { Antialias = false }),
            Identity(Aesthetic(Head(([1, 24], 1)))),
            Changed("vocab.json", text => text + " "),
            Changed("config.json", text => text.Replace("quick_gelu", "gelu", StringComparison.Ordinal)),
        ];
        Assert.Equal(others.Length + 1, others.Append(before).Distinct().Count());

        string Changed(string file, Func<string, string> change)
        {
            string text = File.ReadAllText(In(file));
            File.WriteAllText(In(file), change(text));
            string identity = Identity(Aesthetic(ScorerGoldens.Head));
            File.WriteAllText(In(file), text);
            return identity;
        }
    }

    private static string Identity(ScorerSource source)
    {
        using Scorer scorer = Scorer.Load(source);
        return scorer.Identity;
    }

    private static RunException Refused(ScorerSource source)
    {
        RunException refusal = Assert.Throws<RunException>(() => Scorer.Load(source));
        Assert.DoesNotContain(refusal.Message, char.IsControl);
        return refusal;
    }

    private ScorerSource Aesthetic(string? head) => new(ScorerType.Aesthetic, directory.FullName) { Head = head };

    private string Head(params (long[] Weight, long Bias)[] layers)
    {
        SafetensorsWriter.WriteFile(In("head.safetensors"), [.. layers.SelectMany((layer, i) => ((string, Tensor)[])[($"layers.{2 * i}.weight", ones(layer.Weight)), ($"layers.{2 * i}.bias", ones(layer.Bias))])]);
        return In("head.safetensors");
    }

    private string In(string name) => Path.Combine(directory.FullName, name);

    private void CopyOf(string model)
    {
        foreach (string file in Directory.GetFiles(model)) File.Copy(file, In(Path.GetFileName(file)));
    }
}
