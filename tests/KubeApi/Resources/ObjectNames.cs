using System.Text.RegularExpressions;
using KubeApi.Errors;

namespace KubeApi.Resources;

/// <summary>The rules for names of objects.</summary>
public static partial class ObjectNames
{
    private const string SubdomainText = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string LabelText = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    public static IEnumerable<FieldError> Subdomain(string field, string name)
    {
        if (name.Length > 253)
            yield return FieldError.Invalid(field, FieldError.Quote(name), "must be no more than 253 bytes");
        if (!SubdomainPattern().IsMatch(name))
            yield return FieldError.Invalid(field, FieldError.Quote(name), SubdomainText);
    }

    public static IEnumerable<FieldError> Label(string field, string name)
    {
        if (name.Length > 63)
            yield return FieldError.Invalid(field, FieldError.Quote(name), "must be no more than 63 bytes");
        if (!LabelPattern().IsMatch(name))
            yield return FieldError.Invalid(field, FieldError.Quote(name), LabelText);
    }

    /// <summary>RBAC objects take anything that is a path segment.</summary>
    public static IEnumerable<FieldError> PathSegment(string field, string name)
    {
        foreach (var bad in (string[])["/", "%"])
        {
            if (name.Contains(bad, StringComparison.Ordinal))
                yield return FieldError.Invalid(field, FieldError.Quote(name), $"may not contain '{bad}'");
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelPattern();
}
