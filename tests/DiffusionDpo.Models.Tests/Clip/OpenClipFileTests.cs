using System.Text.RegularExpressions;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Models.Tests.Scorers;
using DiffusionDpo.Shared;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Clip;

public sealed class OpenClipFileTests : IDisposable
{
    // OpenCLIP's names, written out once more by hand: the first that fits replaces.
    private static readonly (string Pattern, string Name)[] Names =
    [
        (@"^text_model\.embeddings\.token_embedding\.weight$", "token_embedding.weight"),
        (@"^text_model\.embeddings\.position_embedding\.weight$", "positional_embedding"),
        (@"^text_model\.final_layer_norm\.", "ln_final."),
        (@"^text_model\.encoder\.layers\.", "transformer.resblocks."),
        (@"^vision_model\.embeddings\.class_embedding$", "visual.class_embedding"),
        (@"^vision_model\.embeddings\.patch_embedding\.", "visual.conv1."),
        (@"^vision_model\.embeddings\.position_embedding\.weight$", "visual.positional_embedding"),
        (@"^vision_model\.pre_layrnorm\.", "visual.ln_pre."),
        (@"^vision_model\.post_layernorm\.", "visual.ln_post."),
        (@"^vision_model\.encoder\.layers\.", "visual.transformer.resblocks."),
        (@"^visual_projection\.weight$", "visual.proj"),
        (@"^text_projection\.weight$", "text_projection"),
    ];

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Models => ScorerGoldens.ModelCases;

    private string Source => Path.Combine(directory.FullName, "open_clip.safetensors");

    private string Target => Path.Combine(directory.FullName, "model");

    public void Dispose()
    {
        scope.Dispose();
        directory.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_in_OpenClips_names_becomes_the_same_in_transformers(string name)
    {
        using SafetensorsFile expected = Goldens.Open(name, "model.safetensors");
        SafetensorsWriter.WriteFile(Source, Renamed(expected));
        using (OpenClipFile file = OpenClipFile.Open(Source, ClipDirectory.Open(Goldens.Path(name)))) file.WriteDirectory(Target, new());
        using SafetensorsFile written = SafetensorsFile.Open(Path.Combine(Target, "model.safetensors"));
        Assert.Equal(expected.Entries.Keys.Where(key => !key.EndsWith("position_ids", StringComparison.Ordinal)).Order(StringComparer.Ordinal), written.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.All(written.Entries.Keys, key => Assert.Equal(0, Goldens.MaxAbs(written.GetTensor(key), expected.GetTensor(key))));
        Assert.True(File.Exists(Path.Combine(Target, "preprocessor_config.json")));
        using DiffusionDpo.Models.Scorers.Scorer scorer = DiffusionDpo.Models.Scorers.Scorer.Load(new(Api.Options.ScorerType.HpsV2, Target));
        Assert.Equal(ScorerGoldens.ImageSize(name), scorer.ImageSize);
    }

    [Fact]
    public void A_model_of_another_size_is_refused_with_every_difference()
    {
        using SafetensorsFile golden = Goldens.Open(ScorerGoldens.Models[0], "model.safetensors");
        SafetensorsWriter.WriteFile(Source, Renamed(golden));
        RunException refusal = Assert.Throws<RunException>(() => OpenClipFile.Open(Source, ClipDirectory.Open(Goldens.Path(ScorerGoldens.Models[1]))));
        Assert.Equal(ExitClass.DataError, refusal.ExitClass);
        Assert.Contains("of another shape", refusal.Message, StringComparison.Ordinal);
    }

    private static List<(string, Tensor)> Renamed(SafetensorsFile golden)
    {
        List<(string Name, Tensor Tensor)> tensors = [];
        foreach (string key in golden.Entries.Keys.Where(key => !key.EndsWith("position_ids", StringComparison.Ordinal) && !Regex.IsMatch(key, @"self_attn\.[qkv]_proj")))
        {
            string name = Names.Aggregate(key, (named, each) => Regex.Replace(named, each.Pattern, each.Name));
            name = name.Replace(".layer_norm1.", ".ln_1.").Replace(".layer_norm2.", ".ln_2.").Replace(".mlp.fc1.", ".mlp.c_fc.").Replace(".mlp.fc2.", ".mlp.c_proj.").Replace(".self_attn.out_proj.", ".attn.out_proj.");
            tensors.Add((name, name is "visual.proj" or "text_projection" ? golden.GetTensor(key).t() : golden.GetTensor(key)));
        }

        foreach (string query in golden.Entries.Keys.Where(key => key.Contains("self_attn.q_proj", StringComparison.Ordinal)))
        {
            Tensor stacked = cat([.. ((string[])["q", "k", "v"]).Select(part => golden.GetTensor(query.Replace("q_proj", $"{part}_proj")))]);
            string name = query.Replace("text_model.encoder.layers", "transformer.resblocks").Replace("vision_model.encoder.layers", "visual.transformer.resblocks");
            tensors.Add((name.Replace("self_attn.q_proj.weight", "attn.in_proj_weight").Replace("self_attn.q_proj.bias", "attn.in_proj_bias"), stacked));
        }

        return tensors;
    }
}
