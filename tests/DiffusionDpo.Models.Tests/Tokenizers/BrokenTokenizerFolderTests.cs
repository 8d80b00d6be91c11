using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Tokenizers;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Models.Tests.Tokenizers;

public sealed class BrokenTokenizerFolderTests : IDisposable
{
    private readonly TokenizerFolder folder = new(Directory.GetDirectories(Goldens.Root, "tokenizer", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).First(directory => File.Exists(Path.Combine(directory, "vocab.json"))));

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    [InlineData("tokenizer_config.json")]
    public void Missing_file_is_named(string name)
    {
        File.Delete(folder.File(name));
        Assert.StartsWith(folder.File(name), Refusal(ExitClass.InputMissing), StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_without_a_map_of_special_tokens_is_read_from_its_configuration()
    {
        File.Delete(folder.File("special_tokens_map.json"));
        Assert.Equal(77, ClipTokenizer.Load(folder.Path).Length);
    }

    [Theory]
    [InlineData("vocab.json", "{\"a\": 1")]
    [InlineData("vocab.json", "[1, 2]")]
    [InlineData("vocab.json", "{\"a\": \"b\"}")]
    [InlineData("vocab.json", "null")]
    [InlineData("vocab.json", "{}")]
    [InlineData("vocab.json", "")]
    [InlineData("tokenizer_config.json", "not json")]
    [InlineData("tokenizer_config.json", "{\"bos_token\": 5}")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\": 1e30}")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\": 1}")]
    [InlineData("tokenizer_config.json", "{\"tokenizer_class\": \"T5Tokenizer\"}")]
    [InlineData("special_tokens_map.json", "{\"eos_token\": {\"lstrip\": false}}")]
    [InlineData("merges.txt", "#version: 0.2\na b c\n")]
    [InlineData("merges.txt", "#version: 0.2\nlonely\n")]
    public void Malformed_file_is_named(string name, string content)
    {
        File.WriteAllText(folder.File(name), content);
        Assert.StartsWith(folder.File(name), Refusal(ExitClass.ConfigurationError), StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_of_an_unknown_token_is_named_with_its_line()
    {
        int lines = File.ReadAllLines(folder.File("merges.txt")).Length;
        File.AppendAllText(folder.File("merges.txt"), "x qqqq\n");
        Assert.Contains($"merges.txt:{lines + 1}: \"qqqq\" is not in vocab.json", Refusal(ExitClass.ConfigurationError), StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_that_stands_twice_is_named()
    {
        string[] lines = File.ReadAllLines(folder.File("merges.txt"));
        File.AppendAllText(folder.File("merges.txt"), lines[1] + "\n");
        Assert.Contains($"merges.txt:{lines.Length + 1}", Refusal(ExitClass.ConfigurationError), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"B\": 33", "\"B\": 32", "id 32 of \"B\"")]
    [InlineData("\"B\": 33", "\"B\": -1", "id -1 of \"B\"")]
    [InlineData("\"B\": 33, ", "", "\"B\" is missing")]
    [InlineData("<|startoftext|>", "<|begin|>", "bos_token")]
    public void Vocabulary_that_cannot_serve_says_what_is_wrong(string old, string with, string says)
    {
        folder.Replace("vocab.json", old, with);
        Assert.Contains(says, Refusal(ExitClass.ConfigurationError).Replace("\\u003C", "<", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private string Refusal(ExitClass expected)
    {
        RunException refusal = Assert.Throws<RunException>(() => ClipTokenizer.Load(folder.Path));
        Assert.Equal(expected, refusal.ExitClass);
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal.Message;
    }
}
