using System.Text;
using System.Text.Json;
using CsCheck;
using DiffusionDpo.Models.Tokenizers;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Tokenizers;

public sealed class ClipTokenizerTests
{
    private static readonly Lazy<ClipTokenizer> Tiny = new(() => ClipTokenizer.Load(SmallVocabulary));

    private static readonly string[] Snippets =
        ["<|endoftext|>", "<|startoftext|>", "<|EndOfText|>", "it's", "'ll", "  ", "İΣς", "e\u0301\u0323", "가\u1100\u1161\u11A8", "a red fox"];

    // any UTF-16 string, halves of surrogate pairs included, with what matters to CLIP strewn in
    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.Char.Array[0, 12].Select(characters => new string(characters)),
        Gen.Int[0, 0x10FFFF].Select(code => Rune.IsValid(code) ? new Rune(code).ToString() : "\uDC00"),
        Gen.Int[0, Snippets.Length - 1].Select(index => Snippets[index]))
        .Array[0, 30].Select(string.Concat);

    public static TheoryData<string> Vocabularies
    {
        get
        {
            using JsonDocument document = Goldens.Json("tokenizer", "tokenizer.json");
            return [.. document.RootElement.GetProperty("vocabularies").EnumerateObject().Select(vocabulary => vocabulary.Name)];
        }
    }

    private static string SmallVocabulary => Directory.GetDirectories(Goldens.Root, "tiny-*")
        .Order(StringComparer.Ordinal).Select(model => Path.Combine(model, "tokenizer")).First(Directory.Exists);

    [Theory]
    [MemberData(nameof(Vocabularies))]
    [Trait("Category", "Parity")]
    public void Ids_of_every_string_are_the_references(string vocabulary)
    {
        using JsonDocument document = Goldens.Json("tokenizer", "tokenizer.json");
        JsonElement golden = document.RootElement.GetProperty("vocabularies").GetProperty(vocabulary);
        ClipTokenizer tokenizer = Load(vocabulary);
        Assert.Equal(document.RootElement.GetProperty("max_length").GetInt32(), tokenizer.Length);
        Assert.Equal(golden.GetProperty("bos").GetInt32(), tokenizer.BeginId);
        Assert.Equal(golden.GetProperty("eos").GetInt32(), tokenizer.EndId);
        Assert.Equal(golden.GetProperty("pad").GetInt32(), tokenizer.PaddingId);
        Assert.Equal(golden.GetProperty("size").GetInt32(), tokenizer.VocabularySize);
        Assert.All(golden.GetProperty("strings").EnumerateArray(), text =>
        {
            long[] listed = [.. text.GetProperty("fast").EnumerateArray().Select(id => id.GetInt64())];
            long[] padded = [.. listed, .. Enumerable.Repeat((long)tokenizer.PaddingId, tokenizer.Length - listed.Length)];
            Assert.Equal(padded, tokenizer.Encode(text.GetProperty("text").GetString()!));
        });
    }

    [Fact]
    public void Any_string_gives_begin_its_ids_and_end_at_the_models_length()
    {
        ClipTokenizer tokenizer = Tiny.Value;
        AnyText.Sample(text =>
        {
            long[] ids = tokenizer.Encode(text);
            Assert.Equal(tokenizer.Length, ids.Length);
            Assert.Equal(tokenizer.BeginId, ids[0]);
            Assert.Contains(tokenizer.EndId, ids);
            Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
        }, iter: 5_000);
    }

    [Fact]
    public void A_text_has_the_same_ids_wherever_it_stands_in_a_batch()
    {
        ClipTokenizer tokenizer = Tiny.Value;
        Gen.Select(AnyText.Array[1, 6], Gen.Int[0, 5]).Sample((texts, turn) =>
        {
            string[] turned = [.. texts[(turn % texts.Length)..], .. texts[..(turn % texts.Length)]];
            using Tensor ids = tokenizer.Encode(turned);
            Assert.Equal([turned.Length, tokenizer.Length], ids.shape);
            Assert.Equal(turned.SelectMany(tokenizer.Encode), ids.data<long>().ToArray());
            Assert.Equal(texts.SelectMany(tokenizer.Encode).Order(), ids.data<long>().ToArray().Order());
        }, iter: 500);
    }

    [Fact]
    public void Several_threads_may_encode_at_once()
    {
        ClipTokenizer shared = ClipTokenizer.Load(SmallVocabulary);
        string[] texts = [.. Enumerable.Range(0, 2000).Select(i => $"a cat number {i} on a {i * 7919 % 613}th boat, l'été e\u0301 {(char)(0x400 + i)}")];
        long[][] parallel = [.. texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(shared.Encode)];
        Assert.Equal(texts.Select(Tiny.Value.Encode), parallel);
    }

    [Theory]
    [InlineData("𝓪𝓫", 1)] // letters outside the basic plane make one word
    [InlineData("𝟙𝟚", 2)] // every digit is a word, there too
    [InlineData("it's", 2)]
    [InlineData("\"'s", 2)] // the apostrophe belongs to the run before it, so this is no contraction
    [InlineData("a-b", 3)]
    [InlineData(" \u2003\t", 0)]
    public void Words_are_split_by_unicode_category(string text, int words) => Assert.Equal(words, new WordSplitter().PreTokenize(text).Count());

    [Fact]
    public void Padding_with_another_token_than_the_end_follows_the_end()
    {
        using TokenizerFolder folder = new(SmallVocabulary);
        folder.Replace("special_tokens_map.json", "\"pad_token\": \"<|endoftext|>\"", "\"pad_token\": \"!\"");
        ClipTokenizer tokenizer = ClipTokenizer.Load(folder.Path);
        long[] ids = tokenizer.Encode("a");
        Assert.Equal(tokenizer.EndId, ids[2]);
        Assert.All(ids[3..], id => Assert.Equal(0, id));
    }

    // "tiny" is the vocabulary beside the small models; any other name is the real one, which the repository does not carry
    private static ClipTokenizer Load(string vocabulary)
    {
        if (vocabulary == "tiny") return Tiny.Value;
        string? directory = Environment.GetEnvironmentVariable("DDPO_CLIP_VOCAB");
        Assert.SkipWhen(string.IsNullOrEmpty(directory), $"the {vocabulary} vocabulary is not in the repository: name its tokenizer folder in DDPO_CLIP_VOCAB");
        return ClipTokenizer.Load(directory!);
    }
}
