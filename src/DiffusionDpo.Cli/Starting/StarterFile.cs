using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Fields;

namespace DiffusionDpo.Cli.Starting;

/// <summary>A new fine-tune as a commented YAML. Comments are the types' own words, and values that are left open stand there as the preset fills them.</summary>
/// <param name="family">The base model.</param>
/// <param name="storage">Where things are.</param>
/// <param name="preset">The preset.</param>
internal sealed class StarterFile(FamilyChoice family, StorageChoice storage, string preset)
{
    private const int Width = 100;

    // The presets' 2048 pairs per step are for many GPUs; their learning rates scale with what is written here.
    private const string Batch = "64";

    /// <summary>Writes it.</summary>
    /// <param name="fileName">What the file will be called.</param>
    public string Render(string fileName)
    {
        IReadOnlyList<StarterLine> lines = Lines();
        RunFile plan = Resolve(Yaml(lines, fileName, left: null));
        return Yaml(lines, fileName, JsonNode.Parse(plan.ToJson())!);
    }

    private static RunFile Resolve(string yaml) => RunPlan.For(FineTuneYaml.Read(yaml, "starter", Path.GetTempPath()).OrThrow()).Stages[0];

    private IReadOnlyList<StarterLine> Lines() =>
    [
        new("preset", preset),
        new("model.family", family.Name),
        new("model.source", $"{storage.Models}/{family.Model}"),
        new("data.sources", $"[{{ uri: {storage.Data}/train }}]"),
        new("data.heldOut", $"[{{ uri: {storage.Data}/held-out }}]"),
        new("data.resolution"),
        new("data.crop"),
        new("data.flip"),
        new("data.emptyPromptProportion"),
        new("data.maxBadFraction"),
        new("training.objective.type", Stands: true),
        new("training.objective.beta", Note: "Smaller moves further from the base model, larger stays closer: docs/troubleshooting.md."),
        new("training.steps"),
        new("training.globalBatch", Batch, $"{Batch} suits one machine."),
        new("training.microBatch", Note: "The first thing to lower where memory is short; the result is the same up to rounding."),
        new("training.seed"),
        new("training.precision"),
        new("training.device"),
        new("optimizer.type"),
        new("optimizer.learningRate", Note: "The first thing to lower where training diverges."),
        new("optimizer.warmupSteps"),
        new("optimizer.weightDecay", Stands: true),
        new("optimizer.maxGradNorm"),
        new("checkpoints.everySteps", Stands: true),
        new("checkpoints.keep", Note: "A checkpoint is three times as large as the network in fp32."),
        new("evaluation.heldOutEverySteps"),
        new("evaluation.heldOutPairs", Stands: true),
        new("evaluation.samples.count", Stands: true),
        new("evaluation.samples.prompts"),
        new("output.uri", $"{storage.Runs}/{family.Name}-dpo"),
        new("output.precision"),
        .. storage.Workers.Count == 0 ? Array.Empty<StarterLine>() : [new("workers.count"), new("workers.gpusPerWorker"), .. storage.Workers, new("retryPolicy.maxRestarts", Stands: true)],
    ];

    private string Yaml(IReadOnlyList<StarterLine> lines, string fileName, JsonNode? left)
    {
        StringBuilder yaml = new();
        foreach (string line in Head(fileName)) yaml.AppendLine($"# {line}".TrimEnd());
        yaml.AppendLine($"apiVersion: {DpoFineTune.GroupVersion}").AppendLine($"kind: {DpoFineTune.KubeKind}").AppendLine("metadata:");
        yaml.AppendLine("  # At most 36 lower-case letters, digits and dashes.").AppendLine($"  name: {family.Name}-dpo").AppendLine("spec:");
        string[] open = [];
        foreach (StarterLine line in lines.Where(line => left is not null || line.Value is not null))
        {
            string[] path = line.Path.Split('.');
            OpenSections(yaml, open, path);
            open = path[..^1];
            string value = line.Value ?? Shown(left, line.Path);
            Comment(yaml, path.Length, $"{Describe(FieldCatalog.Get(line.Path))} {line.Note}");
            yaml.AppendLine($"{Indent(path.Length)}{(line.Value is null && !line.Stands ? "#" : "")}{path[^1]}: {value}");
        }

        return yaml.ToString();
    }

    private IEnumerable<string> Head(string fileName) =>
    [
        $"A fine-tune of {family.Description} by Diffusion-DPO; {storage.Description}.",
        "",
        $"Written by: ddpo init --family {family.Name} --storage {storage.Name} --preset {preset}",
        $"Check it:   ddpo validate {fileName}",
        storage.Workers.Count == 0 ? $"Plan it:    ddpo run {fileName} --dry-run" : $"Run it:     kubectl apply -f {fileName}",
        "",
        "Lines that begin with # and no blank are settings with the value that holds anyway: take the # away to change one.",
        "All fields: ddpo explain, or docs/run-file.md. What the presets fill in: docs/presets.md.",
        .. storage.Before.Count == 0 ? Array.Empty<string>() : ["", .. storage.Before],
    ];

    private static void OpenSections(StringBuilder yaml, string[] open, string[] path)
    {
        for (int depth = 1; depth < path.Length; depth++)
        {
            if (open.Take(depth).SequenceEqual(path.Take(depth))) continue;
            if (depth == 1) yaml.AppendLine();
            Comment(yaml, depth, FieldCatalog.Get(string.Join('.', path.Take(depth))).Description);
            yaml.AppendLine($"{Indent(depth)}{path[depth - 1]}:");
        }
    }

    private static string Describe(Field field) => field.Choices.Count > 0 ? $"{field.Summary} One of {string.Join(", ", field.Choices)}." : field.Summary;

    private static void Comment(StringBuilder yaml, int depth, string text)
    {
        foreach (string line in TextWidth.Wrap(text, Width - Indent(depth).Length - 2)) yaml.AppendLine($"{Indent(depth)}# {line}");
    }

    private static string Shown(JsonNode? plan, string path)
    {
        JsonNode? value = path.Split('.').Aggregate(plan, (node, key) => node?[key]);
        return value is JsonArray { Count: 0 } ? "[]" : value?.ToString() ?? FieldCatalog.Get(path).Default ?? "";
    }

    private static string Indent(int depth) => new(' ', 2 * depth);
}
