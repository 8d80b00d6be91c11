using System.Security.Cryptography;
using DiffusionDpo.Cli.Tests.Scenarios;
using Science.Experiments;
using Science.Reporting;

namespace Science.Interruptions;

/// <summary>Whether a run that was killed ends with the weights of one that was not.</summary>
public sealed class KillExperiment : IExperiment
{
    private const int Steps = 12;

    // the steps after which kill -9 comes, one process after the other
    private static readonly int[][] s_plans = [[], [1], [4], [9], [2, 5, 8]];

    public string Name => "kill-resume";

    public Section Run(Laboratory laboratory)
    {
        string directory = Directory.CreateTempSubdirectory("science-").FullName;
        try
        {
            TinyData.Write(Path.Combine(directory, "data", "train-00000.parquet"), 20);
            TinyData.Write(Path.Combine(directory, "held-out", "validation-00000.parquet"), 6, firstRow: 20);
            Row[] rows = [.. s_plans.Select((plan, number) => Run(Path.Combine(directory, $"{number}"), plan, laboratory))];
            return Section(rows);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Section Section(Row[] rows) => new()
    {
        Title = "Killed and resumed",
        Question = "Does a run that is killed with SIGKILL and started again end with the same weights, bit for bit?",
        Setup = $"""
            The real `ddpo run` on the tiny SD1.5-shaped model: {Steps} steps of 4 pairs in micro-batches of 2, 20 pairs in all (so epochs change), a checkpoint every 2 steps. One run
            is left alone; the others are killed once they have reported the named steps, and the same command is given again until it ends with 0.
            Compared: SHA-256 of the exported UNet and of the optimizer's state in the last checkpoint.
            """,
        Seeds = "seed 7 of the fine-tune; no interval: equality of bits",
        Tables =
        [
            new(["killed after step", "resumed from step", "SHA-256 of the UNet", "SHA-256 of the moments"], [.. rows.Select(row => new[] { Words(row.Plan), Words(row.ResumedFrom), $"`{row.Model[..16]}…`", $"`{row.Optimizer[..16]}…`" })]),
        ],
        Refutation = "one differing bit. (On one machine and CPU: other kernels round differently, as a GPU would.)",
        Checks =
        [
            .. rows[1..].Select(row => new Check($"killed after {Words(row.Plan)}: equal to the undisturbed run", row.Model[..16], row.Model == rows[0].Model && row.Optimizer == rows[0].Optimizer)),
            new("every kill was followed by a start that went on (or, before the first checkpoint, began anew)", $"{rows.Sum(row => row.ResumedFrom.Count)} of {rows.Sum(row => row.Plan.Count)}",
                rows.All(row => row.ResumedFrom.Count == row.Plan.Count)),
        ],
    };

    private static Row Run(string directory, int[] plan, Laboratory laboratory)
    {
        Directory.CreateDirectory(directory);
        string file = Path.Combine(directory, "finetune.yaml");
        File.WriteAllText(file, new TinyFineTune { Data = Path.Combine(directory, "..", "data"), HeldOut = Path.Combine(directory, "..", "held-out"), Steps = Steps }.ToYaml());
        List<int> starts = [];
        foreach (int step in plan) starts.Add(DdpoRun.Killed(file, step));
        starts.Add(DdpoRun.ToTheEnd(file));
        string run = Path.Combine(directory, "run");
        var row = new Row(plan, starts[1..], Hash(Path.Combine(run, "model", "unet", "diffusion_pytorch_model.safetensors")), Hash(Path.Combine(run, "checkpoints", $"step-{Steps:D8}", "optimizer.safetensors")));
        laboratory.Say($"killed after {Words(plan)}: {row.Model}");
        return row;
    }

    private static string Words(IReadOnlyList<int> steps) => steps.Count == 0 ? "–" : string.Join(", ", steps);

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private sealed record Row(IReadOnlyList<int> Plan, IReadOnlyList<int> ResumedFrom, string Model, string Optimizer);
}
