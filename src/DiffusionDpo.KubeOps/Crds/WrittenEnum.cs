using System.Reflection;
using System.Text.Json.Serialization;

namespace DiffusionDpo.KubeOps.Crds;

/// <summary>How documents write the members of an enum.</summary>
internal static class WrittenEnum
{
    /// <summary>The members in declared order.</summary>
    public static IEnumerable<(string Text, FieldInfo Field)> Members(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (f.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? f.Name, f));
}
