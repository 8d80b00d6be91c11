using KubeApi.Errors;
using KubeApi.Resources;
using KubeApi.Storage;

namespace KubeApi.Selectors;

/// <summary>A field selector: =, == and != over the few fields a kind offers.</summary>
public sealed class FieldSelector
{
    private readonly List<(string Field, bool Equal, string Value)> _requirements = [];

    private FieldSelector()
    {
    }

    public static FieldSelector Parse(string text, ResourceType type)
    {
        var selector = new FieldSelector();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var requirement = Split(part) ?? throw Refusals.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            if (!type.Strategy.SelectableFields.Contains(requirement.Field))
                throw Refusals.BadRequest(type.Strategy.UnknownFieldLabel(requirement.Field));
            selector._requirements.Add(requirement);
        }

        return selector;
    }

    public bool Matches(StoredObject item)
    {
        foreach (var (field, equal, value) in _requirements)
        {
            if ((ValueOf(item, field) == value) != equal)
                return false;
        }

        return true;
    }

    private static string ValueOf(StoredObject item, string field) => field switch
    {
        "metadata.name" => item.Key.Name,
        "metadata.namespace" => item.Key.Namespace,
        _ => item.Fields.GetValueOrDefault(field, ""),
    };

    private static (string Field, bool Equal, string Value)? Split(string part)
    {
        foreach (var (sign, equal) in (ReadOnlySpan<(string, bool)>)[("!=", false), ("==", true), ("=", true)])
        {
            var at = part.IndexOf(sign, StringComparison.Ordinal);
            if (at > 0)
                return (part[..at].Trim(), equal, part[(at + sign.Length)..].Trim());
        }

        return null;
    }
}
