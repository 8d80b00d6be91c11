using System.Globalization;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Feedback;

public sealed class ScoreTests : IDisposable
{
    private static readonly string[] Images = [.. ((string[])["a", "b", "c", "d"]).Select(name => Goldens.Path("scorer", "images", $"{name}.png"))];

    private readonly Workspace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void Pick_scores_of_files_are_the_references_and_preferences_add_up()
    {
        using var golden = Goldens.Json("scorer", "scorer.json");
        string prompt = golden.RootElement.GetProperty("prompts")[0].GetString()!;
        string[] lines = DdpoProcess.Run(["score", .. Images, "--model", Goldens.Path("tiny-clip-h"), "--prompt", prompt]).Ended(0).Output;
        double[] expected = [.. golden.RootElement.GetProperty("models").GetProperty("tiny-clip-h").GetProperty("pickscore_f64")[0].EnumerateArray().Select(each => each.GetDouble())];
        for (int i = 0; i < Images.Length; i++)
        {
            Assert.Equal(expected[i], Number(lines[i].Split("  ", StringSplitOptions.RemoveEmptyEntries)[0]), 1e-4);
            Assert.Contains(Images[i], lines[i], StringComparison.Ordinal);
        }

        Assert.Equal(100, lines.Sum(line => Number(line.Split("(preferred ")[1].Split(' ')[0])), 0.3);
    }

    [Fact]
    public void Aesthetic_scores_need_no_prompt_and_count_opacity()
    {
        using var golden = Goldens.Json("scorer", "scorer.json");
        string[] lines = DdpoProcess.Run(["score", .. Images, "--scorer", "aesthetic", "--model", Goldens.Path("tiny-clip"), "--head", Goldens.Path("scorer", "aesthetic", "model.safetensors")]).Ended(0).Output;
        double[] expected = [.. golden.RootElement.GetProperty("aesthetic").GetProperty("score_f64").EnumerateArray().Select(each => each.GetDouble())];
        Assert.Equal(Images.Select((image, i) => $"{expected[i].ToString("F4", CultureInfo.InvariantCulture),10}  {image}"), lines);
    }

    public static TheoryData<int, string, string[]> Mistakes => new()
    {
        { 64, "--prompt: this scorer needs one", ["IMAGE"] },
        { 64, "--prompt: this scorer looks at no prompt", ["IMAGE", "--scorer", "aesthetic", "--head", "HEAD", "--prompt", "a fox"] },
        { 65, "WORK/no.png is no image that can be scored: neither JPEG nor PNG nor WebP", ["WORK/no.png", "--prompt", "a fox"] },
        { 66, "WORK/none.png cannot be read", ["WORK/none.png", "--prompt", "a fox"] },
        { 78, "the aesthetic scorer has no head", ["IMAGE", "--scorer", "aesthetic"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_get_one_line(int exitCode, string expected, string[] arguments)
    {
        File.WriteAllText(_work.In("no.png"), "no");
        Outcome outcome = DdpoProcess.Run(["score", "--model", Goldens.Path("tiny-clip"), .. arguments.Select(Named)]).Ended(exitCode);
        Assert.Contains(Named(expected), outcome.OneError(), StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    private string Named(string text) => text.Replace("WORK", _work.Path, StringComparison.Ordinal).Replace("IMAGE", Images[0], StringComparison.Ordinal)
        .Replace("HEAD", Goldens.Path("scorer", "aesthetic", "model.safetensors"), StringComparison.Ordinal);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
