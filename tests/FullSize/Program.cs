using System.CommandLine;
using DiffusionDpo.Shared;
using FullSize;

var names = new Argument<string[]>("CASE") { Description = "Cases to run, one after another; all without it", Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong([.. Case.All.Select(each => each.Name)]);
var place = new Option<string>("--directory") { Description = "Where models, data and runs are put", DefaultValueFactory = _ => Repository.Path("runs", "full-size") };
var program = new Option<string>("--ddpo") { Description = "The program", DefaultValueFactory = _ => Repository.Path("src", "DiffusionDpo.Cli", "bin", "Release", "net10.0", "ddpo") };
var root = new RootCommand("Fine-tunes of models at their real dimensions with random weights, through the command line as anybody runs it; needs up to 22 GB of memory and 30 GB of disk.")
{
    names, place, program,
};
root.SetAction(async parsed =>
{
    string directory = Path.GetFullPath(parsed.GetRequiredValue(place)), ddpo = parsed.GetRequiredValue(program);
    string[] wanted = parsed.GetValue(names) is { Length: > 0 } some ? some : [.. Case.All.Select(each => each.Name)];
    List<string> table = ["| run | exit | seconds | planned | peak of training, MiB | peak with the export |", "|---|---|---|---|---|---|"];
    Directory.CreateDirectory(directory);
    RandomPairs.Write(Path.Combine(directory, "pairs.parquet"));
    foreach (Case each in Case.All.Where(each => wanted.Contains(each.Name)))
    {
        string model = Path.Combine(directory, $"random-{each.Family}"), file = Path.Combine(directory, each.Name + ".yaml"), output = Path.Combine(directory, each.Name);
        Console.WriteLine($"== {each.What}");
        RandomModel.Write(each.Family, model);
        if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        File.WriteAllText(file, each.ToYaml(model, Path.Combine(directory, "pairs.parquet"), output));
        Outcome plan = await Outcome.OfAsync(ddpo, "validate", "--plan", file);
        Outcome run = await Outcome.OfAsync(ddpo, "run", file);
        table.Add($"| {each.What} | {run.ExitCode} | {run.Duration.TotalSeconds:F0} | {Planned(plan)} | {run.PeakMebibytes.Training:F0} | {run.PeakMebibytes.All:F0} |");
        Directory.Delete(output, recursive: true);
    }

    Console.WriteLine();
    foreach (string line in table) Console.WriteLine(line);
    return table.Skip(2).All(line => line.Contains("| 0 |", StringComparison.Ordinal)) ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();

// "about 5.5 GiB of 21 GiB (estimated)"
static string Planned(Outcome plan) => plan.Lines.FirstOrDefault(line => line.Contains("about ", StringComparison.Ordinal))?.Trim().Split(" of ")[0]["about ".Length..] ?? "";
