using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Documents;

/// <summary>A property of an options record as documents name it.</summary>
internal sealed class RecordMember
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<RecordMember>> Cache = new();

    private RecordMember(PropertyInfo property)
    {
        Property = property;
        Name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        Required = property.IsDefined(typeof(RequiredMemberAttribute)) || property.IsDefined(typeof(RequiredAttribute));
    }

    /// <summary>The property.</summary>
    public PropertyInfo Property { get; }

    /// <summary>Its key in documents.</summary>
    public string Name { get; }

    /// <summary>Whether a document must give it.</summary>
    public bool Required { get; }

    /// <summary>Everything of <paramref name="type"/> that documents hold: its writable properties, declared order.</summary>
    public static IReadOnlyList<RecordMember> Of(Type type) => Cache.GetOrAdd(type, static t =>
        [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && !p.IsDefined(typeof(JsonIgnoreAttribute)))
            .Select(p => new RecordMember(p))]);
}
