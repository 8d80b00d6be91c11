using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApi.Json;

namespace KubeApi.Cluster.Processes;

/// <summary>A container's command line: its own command or the image's, its own arguments or the image's, variables filled in.</summary>
internal static partial class Invocation
{
    public static (string Command, IReadOnlyList<string> Arguments) Of(JsonObject container, IReadOnlyList<string> entrypoint, IReadOnlyDictionary<string, string> variables)
    {
        var own = Texts(container.Array("command"));
        var arguments = Texts(container.Array("args"));
        List<string> line = own.Count > 0 ? [.. own, .. arguments] : [.. entrypoint, .. arguments];
        var filled = line.Select(text => Expand(text, variables)).ToList();
        return (filled[0], filled[1..]);
    }

    /// <summary>$(NAME) is the variable's value where there is one; $$(NAME) is the text $(NAME).</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables) => Reference().Replace(text, match =>
        match.Value.StartsWith("$$", StringComparison.Ordinal) ? match.Value[1..] : variables.GetValueOrDefault(match.Groups["name"].Value, match.Value));

    private static List<string> Texts(JsonArray? list) => (list ?? []).Select(item => item!.ToString()).ToList();

    [GeneratedRegex(@"\$?\$\((?<name>[-._a-zA-Z][-._a-zA-Z0-9]*)\)")]
    private static partial Regex Reference();
}
