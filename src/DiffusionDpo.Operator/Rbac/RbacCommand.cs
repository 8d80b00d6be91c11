using System.CommandLine;
using DiffusionDpo.Operator.Crds;

namespace DiffusionDpo.Operator.Rbac;

/// <summary>operator rbac: writes the operator's roles, or checks that what is written is what the attributes say.</summary>
internal static class RbacCommand
{
    /// <summary>The command for the root.</summary>
    public static Command Create()
    {
        var output = new Option<FileInfo>("--output", "-o")
        {
            Description = "File of the roles",
            DefaultValueFactory = _ => new FileInfo(Path.Combine("charts", "diffusion-dpo", "manifests", "roles.yaml")),
        };
        var check = new Option<bool>("--check") { Description = "Write nothing; exit 1 if the file is not what would be written" };
        var command = new Command("rbac", "Write the roles that the operator needs") { output, check };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(output).FullName;
            var console = parsed.InvocationConfiguration;
            return parsed.GetValue(check) ? Check(path, console.Error) : Write(path, console.Output);
        });
        return command;
    }

    private static int Write(string path, TextWriter report)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, OperatorRoles.ToYaml());
        report.WriteLine(path);
        return 0;
    }

    private static int Check(string path, TextWriter report)
    {
        if (TextDifference.Describe(path, OperatorRoles.ToYaml()) is not { } difference) return 0;
        report.WriteLine(difference);
        report.WriteLine("Run make crds and commit the result.");
        return 1;
    }
}
