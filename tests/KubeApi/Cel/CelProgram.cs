using System.Collections.Concurrent;

namespace KubeApi.Cel;

/// <summary>A parsed expression, kept for the next evaluation.</summary>
internal sealed class CelProgram
{
    private static readonly ConcurrentDictionary<string, CelProgram> Known = new(StringComparer.Ordinal);

    private CelProgram(string text) => Root = CelParser.Parse(text);

    public CelNode Root { get; }

    public static CelProgram Of(string text) => Known.GetOrAdd(text, key => new CelProgram(key));

    public object? Evaluate(object? self, object? oldSelf) => new CelEvaluation(
        new Dictionary<string, object?>(StringComparer.Ordinal) { ["self"] = self, ["oldSelf"] = oldSelf }).Evaluate(Root);
}
