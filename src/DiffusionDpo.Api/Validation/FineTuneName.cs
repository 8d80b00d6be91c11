using System.Text.RegularExpressions;

namespace DiffusionDpo.Api.Validation;

/// <summary>
/// Names of fine-tunes: labels of RFC 1035 with at most 36 characters, so that the names of Jobs, Services and pods made from them
/// (name, hash, stage, attempt, index) stay within 63.
/// </summary>
internal static partial class FineTuneName
{
    public const string Expression = "^[a-z]([a-z0-9-]{0,34}[a-z0-9])?$";
    public const string Cel = $"self.metadata.name.matches('{Expression}')";
    public const string Message =
        "must be at most 36 lower-case letters, digits and dashes, a letter first and no dash last — choose another name";

    /// <summary>Whether a fine-tune may have the name.</summary>
    public static bool IsValid(string name) => Allowed().IsMatch(name) && !name.EndsWith('\n');

    [GeneratedRegex(Expression)]
    private static partial Regex Allowed();
}
