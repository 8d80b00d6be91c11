using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s.Models;
using KubeApi.FieldOwnership;

namespace KubeApi.Schemas;

/// <summary>The fields of builtin kinds, read off the client library's model classes; the lists that have keys are named here.</summary>
internal static class ModelSchema
{
    private static readonly ConcurrentDictionary<Type, Lazy<FieldSchema>> Known = new();

    private static readonly Dictionary<string, string[]> Keys = new(StringComparer.Ordinal)
    {
        ["V1PodSpec.containers"] = ["name"],
        ["V1PodSpec.initContainers"] = ["name"],
        ["V1PodSpec.ephemeralContainers"] = ["name"],
        ["V1PodSpec.volumes"] = ["name"],
        ["V1PodSpec.imagePullSecrets"] = ["name"],
        ["V1PodSpec.hostAliases"] = ["ip"],
        ["V1PodSpec.topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["V1Container.env"] = ["name"],
        ["V1Container.ports"] = ["containerPort", "protocol"],
        ["V1Container.volumeMounts"] = ["mountPath"],
        ["V1Container.volumeDevices"] = ["devicePath"],
        ["V1PodStatus.conditions"] = ["type"],
        ["V1PodStatus.podIPs"] = ["ip"],
        ["V1NodeStatus.conditions"] = ["type"],
        ["V1NodeStatus.addresses"] = ["type"],
        ["V1ServiceSpec.ports"] = ["port", "protocol"],
        ["V1ServiceStatus.conditions"] = ["type"],
        ["V1ServiceAccount.secrets"] = ["name"],
        ["V1NamespaceStatus.conditions"] = ["type"],
    };

    private static readonly Dictionary<string, System.Text.Json.Nodes.JsonNode> ProtocolDefault = new(StringComparer.Ordinal) { ["protocol"] = "TCP" };
    private static readonly HashSet<string> AtomicStructs = ["V1LabelSelector", "V1ObjectReference", "V1LocalObjectReference", "V1SecretKeySelector", "V1ConfigMapKeySelector", "V1ObjectFieldSelector", "V1ResourceFieldSelector", "V1NodeSelector", "V1NodeSelectorTerm", "V1TypedLocalObjectReference", "V1RoleRef"];

    public static FieldSchema Of(Type model) => Known.GetOrAdd(model, type => new Lazy<FieldSchema>(() => Read(type))).Value;

    private static FieldSchema Read(Type model)
    {
        var fields = new Dictionary<string, FieldSchema>(StringComparer.Ordinal);
        foreach (var property in model.GetProperties())
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name is { } name)
                fields[name] = OfProperty(model, name, property.PropertyType);
        }

        return FieldSchema.Struct(fields);
    }

    private static FieldSchema OfProperty(Type model, string name, Type type)
    {
        if (type == typeof(V1ObjectMeta))
            return MetadataFields.Schema;
        if (Keys.TryGetValue($"{model.Name}.{name}", out var keys))
            return FieldSchema.ListMap(keys, OfType(Argument(type, 0)), keys.Contains("protocol") ? ProtocolDefault : null);
        return $"{model.Name}.{name}" is "V1NamespaceSpec.finalizers" or "V1LoadBalancerStatus.ingress" ? FieldSchema.Atomic : OfType(type);
    }

    private static FieldSchema OfType(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return FieldSchema.Scalar("string");
        if (type == typeof(bool))
            return FieldSchema.Scalar("boolean");
        if (type == typeof(int) || type == typeof(long) || type == typeof(double))
            return FieldSchema.Scalar("numeric");
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
            return FieldSchema.Map(OfType(Argument(type, 1)));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
            return FieldSchema.AtomicList(OfType(Argument(type, 0)));
        if (AtomicStructs.Contains(type.Name))
            return FieldSchema.AtomicStruct(Of(type).Fields);
        return type.Namespace == "k8s.Models" && type.Name.StartsWith('V') && !type.IsValueType ? Of(type) : FieldSchema.Scalar(null);
    }

    private static Type Argument(Type type, int index) => type.GetGenericArguments()[index];
}
