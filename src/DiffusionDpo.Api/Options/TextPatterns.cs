using System.Text.RegularExpressions;

namespace DiffusionDpo.Api.Options;

/// <summary>Regular expressions of texts (the common part of RE2 and .NET), and what they mean in words.</summary>
internal static class TextPatterns
{
    /// <summary>A path, or a URI of a storage that exists.</summary>
    public const string Location = "^(?:(?:file|s3|az)://.+|(?:[^:]|:/?[^/:])+)$";

    /// <summary>The same, or nothing.</summary>
    public const string LocationOrNone = "^(?:(?:file|s3|az)://.+|(?:[^:]|:/?[^/:])*)$";

    /// <summary>A value that may stand in a label.</summary>
    public const string LabelValue = "^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$";

    /// <summary>A path from the root.</summary>
    public const string AbsolutePath = "^/[^:]*$";

    /// <summary>A path from the root, or nothing.</summary>
    public const string AbsolutePathOrNone = "^(?:/[^:]*)?$";

    /// <summary>A number of bytes: the unit is two letters, the number before it has no sign, no zero before it and no fraction.</summary>
    public const string ByteSize = "^[1-9][0-9]{0,8}(?:Mi|Gi|Ti)$";

    /// <summary>A resource quantity; the definition has the same.</summary>
    public const string Quantity =
        @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    /// <summary>
    /// Whether a text matches as the API server sees it: RE2's $ is the end of the text, .NET's also stands before a last line break, which a
    /// block scalar (uri: |) easily brings along.
    /// </summary>
    public static bool Matches(string text, string pattern) => Regex.IsMatch(text, pattern.EndsWith('$') ? $@"{pattern[..^1]}\z" : pattern);

    /// <summary>What a text that does not match is told.</summary>
    public static string Explain(string pattern) => pattern switch
    {
        Location or LocationOrNone => "is no place that can be read — give a path or a file://, s3:// or az:// URI",
        LabelValue => "is no label value — use letters, digits, '-', '_' and '.', a letter or digit first and last",
        AbsolutePath => "is no absolute path — begin with '/' and leave out ':'",
        AbsolutePathOrNone => "is no absolute path — begin with '/' and leave out ':', or leave it empty",
        ByteSize => "is no size — write a whole number with Mi, Gi or Ti, as 200Gi",
        _ => $"does not match {pattern} — correct it",
    };
}
