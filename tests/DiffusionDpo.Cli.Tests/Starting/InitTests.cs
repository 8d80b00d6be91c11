using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Fields;
using DiffusionDpo.Cli.Starting;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Starting;

public sealed partial class InitTests
{
    public static TheoryData<string, string, string> Variants =>
    [
        .. from family in FamilyChoice.All
           from storage in StorageChoice.All
           from preset in (string[])["recommended", "paper", "salesforce"]
           select (family.Name, storage.Name, preset),
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_variant_is_a_valid_fine_tune(string family, string storage, string preset)
    {
        DpoFineTune fineTune = Read(Render(family, storage, preset));
        Assert.Equal((family, preset), ($"{fineTune.Spec.Model.Family}".ToLowerInvariant(), $"{fineTune.Spec.Preset}".ToLowerInvariant()));
        Assert.Equal(storage switch { "s3" => "s3", "azure" => "az", _ => "file" }, new Uri(fineTune.Spec.Output.Uri).Scheme);
    }

    /// <summary>What stands there as a comment is what holds without it: taking one # away, or all, changes nothing.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_commented_setting_is_the_value_that_holds_anyway(string family, string storage, string preset)
    {
        string[] lines = Render(family, storage, preset).Split('\n');
        int[] settings = [.. lines.Index().Where(line => Setting().IsMatch(line.Item)).Select(line => line.Index)];
        Assert.InRange(settings.Length, 15, 40);
        JsonNode plan = Plan(lines);
        foreach (int setting in settings) Assert.True(JsonNode.DeepEquals(plan, Plan(Uncommented(lines, setting))), lines[setting]);
        Assert.True(JsonNode.DeepEquals(plan, Plan(Uncommented(lines, settings))));
    }

    [Fact]
    public void Every_setting_is_explained_in_the_words_of_its_type()
    {
        string text = Words(Render("sd15", "s3", "recommended"));
        string[] paths = ["model.source", "data.heldOut", "training.objective.beta", "training.microBatch", "optimizer.learningRate", "checkpoints.keep", "workers.envFromSecrets"];
        Assert.All(paths, path => Assert.Contains(Words(FieldCatalog.Get(path).Summary), text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_is_written_once_and_says_what_to_do_next()
    {
        using Workspace workspace = new();
        Outcome first = DdpoProcess.Run("init", "--output", workspace.File).Ended(0);
        Assert.Equal($"{workspace.File}: written", first.Output[0]);
        Assert.Contains($"  3. ddpo run {workspace.File} --dry-run", first.Output);
        Assert.Equal(Render("sd15", "local", "recommended"), File.ReadAllText(workspace.File));
        Assert.Equal([$"{workspace.File}: valid"], DdpoProcess.Run("validate", workspace.File).Ended(0).Output);

        Assert.Equal(
            $"error: {workspace.File} is there already; give --force to overwrite it, or another --output",
            DdpoProcess.Run("init", "--output", workspace.File, "--family", "sdxl").Ended(64).OneError());
        _ = DdpoProcess.Run("init", "--output", workspace.File, "--family", "sdxl", "--storage", "s3", "--preset", "paper", "--force").Ended(0);
        Assert.Equal(Render("sdxl", "s3", "paper"), File.ReadAllText(workspace.File));
    }

    [Theory]
    [InlineData(64, "is a directory", "/tmp")]
    [InlineData(74, "cannot be written", "/nonexistent/finetune.yaml")]
    public void A_place_where_nothing_can_be_written_is_refused(int code, string says, string place) =>
        Assert.Contains(says, DdpoProcess.Run("init", "--output", place).Ended(code).OneError(), StringComparison.Ordinal);

    private static string Render(string family, string storage, string preset) =>
        new StarterFile(FamilyChoice.All.Single(each => each.Name == family), StorageChoice.All.Single(each => each.Name == storage), preset).Render("finetune.yaml");

    private static DpoFineTune Read(string yaml) => FineTuneYaml.Read(yaml, "finetune.yaml", "/somewhere").OrThrow();

    private static JsonNode Plan(string[] lines)
    {
        DpoFineTune fineTune = Read(string.Join('\n', lines));
        JsonNode plan = JsonNode.Parse(RunPlan.For(fineTune).Stages[0].ToJson())!;
        plan["workers"] = $"{fineTune.Spec.Workers.Count} {fineTune.Spec.Workers.GpusPerWorker} {fineTune.Spec.RetryPolicy}";
        return plan;
    }

    private static string[] Uncommented(string[] lines, params int[] which) =>
        [.. lines.Select((line, index) => which.Contains(index) ? line.Replace("#", "", StringComparison.Ordinal) : line)];

    private static string Words(string text) => string.Join(' ', text.Split([' ', '\n', '#'], StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"^ *#\w+: ")]
    private static partial Regex Setting();
}
