using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Documentation;

/// <summary>Every command of every page is run, and answers what the page shows.</summary>
public sealed partial class DocumentationTests(UninterruptedRun uninterrupted)
{
    private const string Begin = "@@begin@@", End = "@@end@@";

    public static TheoryData<string> Pages => [.. DocumentedPage.All.Where(page => DocumentedPage.Read(page).Consoles.Any())];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_do_what_the_page_shows(string path)
    {
        DocumentedPage page = DocumentedPage.Read(path);
        using Workspace workspace = Reader();
        foreach (object block in page.Blocks)
        {
            if (block is NamedFile file) File.WriteAllLines(workspace.In(file.Name), file.Lines);
            if (block is ConsoleBlock console) Run(console, workspace);
        }
    }

    [Fact]
    public void Every_command_that_is_not_run_is_still_on_its_page() => Assert.All(NotRunHere.All, one => Assert.Contains(
        DocumentedPage.Read(one.Page).Consoles.SelectMany(block => block.Commands), command => command.Text.StartsWith(one.Begins, StringComparison.Ordinal)));

    [Fact]
    public void Files_that_commands_for_a_cluster_name_are_valid() => Assert.All(
        DocumentedPage.All.SelectMany(page => DocumentedPage.Read(page).Consoles).SelectMany(block => block.Commands)
            .SelectMany(command => Manifest().Matches(command.Text)).Select(match => match.Groups[1].Value),
        file => Assert.Empty(FineTuneYaml.ReadFile(Repository.Path(file.Split('/'))).Describe()));

    [Fact]
    public void Every_fine_tune_that_a_page_shows_is_valid()
    {
        NamedFile[] shown = [.. DocumentedPage.All.SelectMany(page => DocumentedPage.Read(page).Blocks).OfType<NamedFile>()];
        Assert.NotEmpty(shown);
        Assert.All(shown.Where(file => file.Lines.Any(line => line.StartsWith("spec:", StringComparison.Ordinal))), file =>
            Assert.Empty(FineTuneYaml.Read(string.Join('\n', file.Lines), file.Name, "/somewhere").Describe()));
    }

    [Fact]
    public void Links_between_pages_lead_somewhere() => Assert.All(DocumentedPage.All, path =>
    {
        string text = File.ReadAllText(Repository.Path(path.Split('/')));
        string directory = Path.GetDirectoryName(Repository.Path(path.Split('/')))!;
        foreach (Match link in Link().Matches(text))
        {
            string[] target = link.Groups[1].Value.Split('#');
            string file = target[0].Length == 0 ? Repository.Path(path.Split('/')) : Path.Combine(directory, target[0]);
            Assert.True(Path.Exists(file), $"{path}: {link.Value}");
            if (target.Length > 1) Assert.Contains(target[1], File.ReadLines(file).Where(line => line.StartsWith('#')).Select(Anchor));
        }
    });

    [Fact]
    public void The_readme_names_every_page_of_the_documentation()
    {
        string readme = File.ReadAllText(Repository.Path("README.md"));
        Assert.All(DocumentedPage.All.Where(page => page.StartsWith("docs/", StringComparison.Ordinal)), page => Assert.Contains($"]({page})", readme, StringComparison.Ordinal));
    }

    /// <summary>A reader's directory as the pages take it for granted: a model, pairs, a fine-tune that takes long, and a finished run.</summary>
    private Workspace Reader()
    {
        Workspace workspace = new();
        Directory.CreateDirectory(workspace.In("models"));
        Directory.CreateSymbolicLink(workspace.In("models", "stable-diffusion-v1-5"), uninterrupted.FineTune.Model);
        Directory.CreateSymbolicLink(workspace.In("models", "clip"), Goldens.Path("tiny-clip"));
        File.WriteAllBytes(workspace.In("aesthetic.pth"), Head());
        workspace.Copy(uninterrupted.Data, "data/train");
        workspace.Copy(uninterrupted.FineTune.HeldOut, "data/held-out");
        workspace.Copy(uninterrupted.Run, "runs/finished");
        File.WriteAllText(workspace.In("sd15.yaml"), (uninterrupted.Endless with { Output = "runs/sd15" }).ToYaml());
        return workspace;
    }

    /// <summary>A head for the embeddings of the small CLIP model, as such heads are published.</summary>
    private static byte[] Head()
    {
        const int Width = 24, Inner = 3;
        (string, string)[] layers =
        [
            ("layers.0.weight", PickleText.Tensor(PickleText.Storage("FloatStorage", "0", Width * Inner), [Inner, Width], [Width, 1])),
            ("layers.0.bias", PickleText.Tensor(PickleText.Storage("FloatStorage", "1", Inner), [Inner], [1])),
            ("layers.2.weight", PickleText.Tensor(PickleText.Storage("FloatStorage", "1", Inner), [1, Inner], [Inner, 1])),
            ("layers.2.bias", PickleText.Tensor(PickleText.Storage("FloatStorage", "2", 1), [1], [1])),
        ];
        float[] weights = [.. Enumerable.Range(0, Width * Inner).Select(i => (i % 7) - 3f)];
        return PickleText.Archive(PickleText.Pickle(PickleText.State(layers)), ("0", PickleText.Floats(weights)), ("1", PickleText.Floats(1, 2, 3)), ("2", PickleText.Floats(5)));
    }

    private static void Run(ConsoleBlock block, Workspace workspace)
    {
        (ShownCommand Shown, int Index)[] commands = [.. block.Commands.Select((command, index) => (command, index)).Where(one => !NotRunHere.Holds(block.Page, one.command.Text))];
        if (commands.Length == 0) return;
        StringBuilder script = new("exec 2>&1\n");
        foreach ((ShownCommand shown, _) in commands) script.Append($"echo {Begin}; (exit ${{_code:-0}})\n{WithFreePort(shown.Text)}\n_code=$?; echo; echo {End} $_code\n");
        script.Append("for _job in $(jobs -p); do kill -TERM $_job; done; wait\n");
        File.WriteAllText(workspace.In(".script"), script.ToString());
        string path = $"{Path.GetDirectoryName(DdpoProcess.Executable)}:{Environment.GetEnvironmentVariable("PATH")}";
        using DdpoProcess process = DdpoProcess.Start("bash", ["-c", "cd \"$0\" && exec bash .script", workspace.Path], ("PATH", path), ("COLUMNS", "100"));
        string all = string.Join('\n', process.WaitForExit().Output);
        MatchCollection answers = Answer().Matches(all);
        Assert.True(answers.Count == commands.Length, $"{block.Page}:{block.Line}\n{all}");
        foreach (((ShownCommand shown, int index), Match answer) in commands.Zip(answers))
        {
            string place = $"{block.Page}:{block.Line}: $ {shown.Text}\n{answer.Value}";
            bool mayFail = index + 1 < block.Commands.Count && block.Commands[index + 1].TellsTheExitCode;
            Assert.True(mayFail || answer.Groups[2].Value == "0", place);
            Assert.True(shown.Fits(answer.Groups[1].Value), $"{place}\n--- the page shows\n{string.Join('\n', shown.Output)}");
        }
    }

    // Two tests, or two readers, cannot have the same.
    private static string WithFreePort(string command) => command.Replace("9090", s_port.Value, StringComparison.Ordinal);

    private static readonly Lazy<string> s_port = new(() =>
    {
        using TcpListener any = new(IPAddress.Loopback, 0);
        any.Start();
        return $"{((IPEndPoint)any.LocalEndpoint).Port}";
    });

    private static string Anchor(string heading) =>
        new([.. heading.TrimStart('#', ' ').ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_').Select(c => c == ' ' ? '-' : c)]);

    [GeneratedRegex($@"{Begin}\n(.*?)\n?{End} (\d+)", RegexOptions.Singleline)]
    private static partial Regex Answer();

    [GeneratedRegex(@"kubectl apply -f (\S+\.yaml)")]
    private static partial Regex Manifest();

    [GeneratedRegex(@"\]\((?!https?:)([^)\s]*)\)")]
    private static partial Regex Link();
}
