using Spectre.Console;

namespace DiffusionDpo.Cli.Inspection;

/// <summary>Describes one kind of thing on disk.</summary>
internal interface IInspector
{
    /// <summary>Whether this path is that kind of thing, by the one file that marks it.</summary>
    /// <param name="path">A file or directory; may not exist.</param>
    bool Recognises(string path);

    /// <summary>Describes it.</summary>
    /// <param name="path">What <see cref="Recognises"/> accepted.</param>
    /// <param name="withTensors">List every tensor.</param>
    IEnumerable<Table> Inspect(string path, bool withTensors);
}
