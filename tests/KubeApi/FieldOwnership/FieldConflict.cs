using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Errors;

namespace KubeApi.FieldOwnership;

/// <summary>A field that another manager owns and an apply would change.</summary>
public sealed record FieldConflict(ManagedFieldsEntry Owner, IReadOnlyList<string> Path)
{
    /// <summary>The path as the API shows it: .spec.parts[name="one"].qty</summary>
    public string Field
    {
        get
        {
            var text = new StringBuilder();
            foreach (var element in Path)
            {
                if (element.StartsWith("f:", StringComparison.Ordinal))
                    text.Append('.').Append(element[2..]);
                else if (element.StartsWith("v:", StringComparison.Ordinal))
                    text.Append("[=").Append(element[2..]).Append(']');
                else
                    text.Append('[').Append(Keys(element[2..])).Append(']');
            }

            return text.ToString();
        }
    }

    public string Text
    {
        get
        {
            var by = $"conflict with {FieldError.Quote(Owner.Manager)}";
            if (Owner.Subresource.Length > 0)
                by += $" with subresource {FieldError.Quote(Owner.Subresource)}";
            return Owner.Operation == "Update" ? $"{by} using {Owner.ApiVersion}" : by;
        }
    }

    private static string Keys(string json) => string.Join(
        ",", ((JsonObject)JsonNode.Parse(json)!).Select(key => $"{key.Key}={FieldError.Show(key.Value)}"));
}
