using System.Text.RegularExpressions;

namespace KubeApi.Schemas;

/// <summary>String formats that schemas name.</summary>
internal static partial class Formats
{
    public static bool IsDateTime(string text) => DateTime().IsMatch(text);

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\z")]
    private static partial Regex DateTime();
}
