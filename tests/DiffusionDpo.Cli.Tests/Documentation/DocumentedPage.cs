using DiffusionDpo.Shared;

namespace DiffusionDpo.Cli.Tests.Documentation;

/// <summary>A page of the documentation: its console blocks, and its YAML blocks that name a file in their first line (<c># finetune.yaml</c>), in order.</summary>
internal sealed record DocumentedPage(string Path, IReadOnlyList<object> Blocks)
{
    private const string Fence = "```";

    public static string[] All { get; } =
        ["README.md", "examples/README.md", .. Directory.GetFiles(Repository.Path("docs"), "*.md").Select(file => $"docs/{System.IO.Path.GetFileName(file)}").Order(StringComparer.Ordinal)];

    public IEnumerable<ConsoleBlock> Consoles => Blocks.OfType<ConsoleBlock>();

    public static DocumentedPage Read(string path)
    {
        string[] lines = File.ReadAllLines(Repository.Path(path.Split('/')));
        List<object> blocks = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal)) continue;
            int first = i + 1, end = Array.FindIndex(lines, first, line => line.StartsWith(Fence, StringComparison.Ordinal));
            string[] content = lines[first..end];
            if (lines[i] == $"{Fence}console") blocks.Add(ConsoleBlock.Of(path, first, content));
            else if (lines[i] == $"{Fence}yaml" && content[0].EndsWith(".yaml", StringComparison.Ordinal)) blocks.Add(new NamedFile(content[0].TrimStart('#', ' '), content));
            i = end;
        }

        return new(path, blocks);
    }
}

/// <summary>A file that a page shows in full.</summary>
internal sealed record NamedFile(string Name, string[] Lines);
