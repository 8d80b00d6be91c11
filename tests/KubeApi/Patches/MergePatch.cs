using System.Text.Json.Nodes;

namespace KubeApi.Patches;

/// <summary>RFC 7396: null removes, objects merge, everything else replaces.</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject below)
                target[name] = Apply(target[name] is JsonObject old ? Detached(target, name, old) : [], below);
            else
                target[name] = value.DeepClone();
        }

        return target;
    }

    private static JsonObject Detached(JsonObject parent, string name, JsonObject child)
    {
        parent.Remove(name);
        return child;
    }
}
