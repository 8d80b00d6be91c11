using System.Text.Json;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Tokenizers;
using Xunit;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>What a single file of a published family is completed with.</summary>
public sealed class PublishedFilesTests : IDisposable
{
    private const int ClipTokens = 49408;

    private readonly TinyModels tiny = new();

    public static TheoryData<string, string[]> Tokenizers => new()
    {
        { "sd15", ["tokenizer"] },
        { "sd21", ["tokenizer"] },
        { "sdxl", ["tokenizer", "tokenizer_2"] },
        { "sdxl-refiner", ["tokenizer_2"] },
    };

    public void Dispose() => tiny.Dispose();

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Directory_is_complete_but_for_the_weights(string family, string[] tokenizers)
    {
        PublishedFamily published = PublishedFamily.All.Single(each => each.Name == family);
        Directory.CreateDirectory(tiny.In("model"));
        PublishedFiles.Of(published, OfClipsSize()).Write(tiny.In("model"));
        ModelDirectory model = ModelDirectory.Open(tiny.In("model"));
        Assert.Equal([.. model.Components.Order(StringComparer.Ordinal)], Directory.GetDirectories(model.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(tokenizers, model.Components.Where(each => each.StartsWith("tokenizer", StringComparison.Ordinal)));
        Assert.All(tokenizers, each =>
        {
            ClipTokenizer tokenizer = ClipTokenizer.Load(model.ComponentPath(each));
            Assert.Equal((ClipTokens, 77), (tokenizer.VocabularySize, tokenizer.Length));
            Assert.Equal(each == "tokenizer" && family != "sd21", tokenizer.PaddingId == tokenizer.EndId);
        });
        Assert.Equal(published.Layout.Networks.Select(network => network.Component), ModelLayout.Of(ModelConfigs.Of(model)).Networks.Select(network => network.Component));
        Assert.True(File.Exists(model.FilePath("scheduler", "scheduler_config.json")));
    }

    /// <summary>The tiny vocabulary, filled up with tokens that no text has.</summary>
    private string OfClipsSize()
    {
        string directory = Path.Combine(tiny.Copy("tiny-sdxl").Path, "tokenizer"), path = Path.Combine(directory, "vocab.json");
        Dictionary<string, int> vocabulary = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(path))!;
        for (int id = vocabulary.Count; id < ClipTokens; id++) vocabulary.Add($"filler{id}", id);
        File.WriteAllText(path, JsonSerializer.Serialize(vocabulary));
        return directory;
    }
}
