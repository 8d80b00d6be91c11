using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Reports;

/// <summary>The README of an exported model, in the form that model hubs read: what it is, what it was trained on and how, what was measured, and the hashes of its weights.</summary>
internal static class ModelCard
{
    private const string Name = "README.md";

    /// <summary>Writes the card into an exported model; one that is there stays.</summary>
    /// <param name="runDirectory">The run's directory on this machine.</param>
    /// <param name="model">The model's directory.</param>
    /// <exception cref="Api.Failures.RunException">Storage error: it cannot be written.</exception>
    public static void Write(string runDirectory, string model)
    {
        string place = Path.Combine(model, Name);
        if (File.Exists(place)) return;
        byte[] card = Encoding.UTF8.GetBytes(Text(RunReport.Facts(runDirectory), model));
        DurableFile.Write(place, stream => stream.Write(card));
    }

    private static string Text(RunFacts facts, string model)
    {
        RunFile file = facts.File;
        StringBuilder card = new();
        card.AppendLine("---\nlibrary_name: diffusers\npipeline_tag: text-to-image\ntags:\n- diffusion-dpo\n- text-to-image\n---");
        card.AppendLine($"# {file.Name}\n\nA text-to-image model aligned to preferences with Diffusion-DPO (Wallace et al. 2023). Trained by ddpo.\n");
        Table(card, "Training", Training(file, facts));
        Table(card, "Data", Data(file, facts));
        if (facts.Log.HeldOutBefore is { } before && facts.Log.HeldOutAfter is { } after)
            Table(card, "Held-out implicit accuracy", [("before", TrainingNotices.Describe(before)), ("after", TrainingNotices.Describe(after))]);
        Table(card, "Weights (SHA-256)", Hashes(model));
        card.AppendLine($"## All options\n\n```json\n{file.ToJson().TrimEnd()}\n```");
        return card.ToString();
    }

    private static IEnumerable<(string, string)> Training(RunFile file, RunFacts facts) =>
    [
        ("base model", file.Model.Source),
        ("objective", ReportPage.Objective(file.Training.Objective)),
        ("trained weights", file.Adapter.Type.ToString().ToLowerInvariant()),
        ("steps × pairs", string.Create(CultureInfo.InvariantCulture, $"{facts.Step} × {file.Training.GlobalBatch}")),
        ("learning rate", string.Create(CultureInfo.InvariantCulture, $"{file.Optimizer.LearningRate:G4}")),
        ("resolution", string.Create(CultureInfo.InvariantCulture, $"{file.Data.Resolution}")),
        ("seed", string.Create(CultureInfo.InvariantCulture, $"{file.Training.Seed}")),
        ("preset", file.Preset.ToString().ToLowerInvariant()),
        ("fingerprint", file.Fingerprint),
    ];

    private static IEnumerable<(string, string)> Data(RunFile file, RunFacts facts)
    {
        foreach (Api.Options.DataSource source in file.Data.Sources) yield return ("training pairs", source.Uri);
        foreach (Api.Options.DataSource source in file.Data.HeldOut) yield return ("held-out pairs", source.Uri);
        yield return ("labels", facts.Log.Last(FeedbackNotices.FeedbackEvent) is { } labelled ? FeedbackNotices.LabelsOf(labelled) : "of the shards");
        if (facts.Log.Last("train") is not { } started) yield break;
        foreach ((string field, string name) in ((string, string)[])[("pairs", "pairs"), ("rows", "rows"), ("ties", "ties, left out")])
            if (started.Number(field) is { } count) yield return (name, string.Create(CultureInfo.InvariantCulture, $"{count:N0}"));
    }

    private static IEnumerable<(string, string)> Hashes(string model)
    {
        foreach (string path in Directory.GetFiles(model, "*.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using FileStream file = File.OpenRead(path);
            yield return (Path.GetRelativePath(model, path), Convert.ToHexStringLower(SHA256.HashData(file)));
        }
    }

    private static void Table(StringBuilder card, string title, IEnumerable<(string Name, string Value)> rows)
    {
        card.AppendLine($"## {title}\n\n| | |\n|---|---|");
        foreach ((string name, string value) in rows) card.AppendLine($"| {name} | {value.Replace("|", "\\|", StringComparison.Ordinal)} |");
        card.AppendLine();
    }
}
