using System.CommandLine;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Crds;

namespace DiffusionDpo.Operator.Crds;

/// <summary>operator crds: writes the definitions of our kinds, or checks that what is written is what the types say.</summary>
internal static class CrdsCommand
{
    private static readonly Type[] Kinds = [typeof(DpoFineTune)];

    /// <summary>The command for the root.</summary>
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output", "-o")
        {
            Description = "Directory of the definitions",
            DefaultValueFactory = _ => new DirectoryInfo("crds"),
        };
        var check = new Option<bool>("--check") { Description = "Write nothing; exit 1 if a file is not what would be written" };
        var command = new Command("crds", "Write one file per custom resource definition") { output, check };
        command.SetAction(parsed =>
        {
            var directory = parsed.GetRequiredValue(output).FullName;
            var console = parsed.InvocationConfiguration;
            return parsed.GetValue(check) ? Check(directory, console.Error) : Write(directory, console.Output);
        });
        return command;
    }

    private static int Write(string directory, TextWriter report)
    {
        Directory.CreateDirectory(directory);
        foreach (var kind in Kinds)
        {
            var path = PathOf(directory, kind);
            File.WriteAllText(path, CrdGenerator.ToYaml(kind));
            report.WriteLine(path);
        }

        return 0;
    }

    private static int Check(string directory, TextWriter report)
    {
        var differences = Kinds
            .Select(kind => TextDifference.Describe(PathOf(directory, kind), CrdGenerator.ToYaml(kind)))
            .OfType<string>()
            .ToList();
        foreach (var difference in differences) report.WriteLine(difference);
        if (differences.Count > 0) report.WriteLine("Run make crds and commit the result.");
        return differences.Count == 0 ? 0 : 1;
    }

    private static string PathOf(string directory, Type kind) => Path.Combine(directory, $"{CrdGenerator.NameOf(kind)}.yaml");
}
