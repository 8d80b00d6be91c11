using KubeApi.Schemas;

namespace KubeApi.Cel;

/// <summary>Finds fields that a rule names and the schema does not declare: the part of CEL's type check that people run into.</summary>
internal static class CelTypeCheck
{
    private static readonly HashSet<string> RootFields = ["apiVersion", "kind", "metadata"];

    /// <summary>Checks an expression whose self is a value of a schema.</summary>
    public static void Check(CelNode node, StructuralSchema self, bool isRoot) =>
        TypeOf(node, new Dictionary<string, StructuralSchema?>(StringComparer.Ordinal) { ["self"] = self, ["oldSelf"] = self }, isRoot ? self : null);

    private static StructuralSchema? TypeOf(CelNode node, Dictionary<string, StructuralSchema?> scope, StructuralSchema? root)
    {
        switch (node)
        {
            case CelNode.Name name:
                return scope.TryGetValue(name.Text, out var known) ? known : throw new CelException($"undeclared reference to '{name.Text}' (in container '')");
            case CelNode.Field field:
                return Property(TypeOf(field.Target, scope, root), field.Member, field.Position, root);
            case CelNode.Has has:
                Property(TypeOf(has.Target, scope, root), has.Member, has.Position, root);
                return null;
            case CelNode.Index index:
                TypeOf(index.Key, scope, root);
                var target = TypeOf(index.Target, scope, root);
                return target?.Items ?? target?.AdditionalProperties;
            case CelNode.Each each:
                return Comprehension(each, scope, root);
            case CelNode.Choice choice:
                TypeOf(choice.Condition, scope, root);
                TypeOf(choice.No, scope, root);
                return TypeOf(choice.Yes, scope, root);
            case CelNode.Call call:
                foreach (var part in call.Target is null ? call.Arguments : call.Arguments.Prepend(call.Target))
                    TypeOf(part, scope, root);
                return null;
            case CelNode.List list:
                foreach (var item in list.Items)
                    TypeOf(item, scope, root);
                return null;
            default:
                return null;
        }
    }

    private static StructuralSchema? Comprehension(CelNode.Each each, Dictionary<string, StructuralSchema?> scope, StructuralSchema? root)
    {
        var target = TypeOf(each.Target, scope, root);
        var inner = new Dictionary<string, StructuralSchema?>(scope, StringComparer.Ordinal) { [each.Variable] = target?.Items };
        TypeOf(each.Body, inner, root);
        if (each.Then is { } then)
            TypeOf(then, inner, root);
        return each.Macro == "filter" ? target : null;
    }

    private static StructuralSchema? Property(StructuralSchema? schema, string name, int position, StructuralSchema? root)
    {
        if (schema is null || schema.Type != "object")
            return null;
        if (ReferenceEquals(schema, root) && RootFields.Contains(name) || name.Contains("__", StringComparison.Ordinal))
            return null;
        if (schema.Properties.TryGetValue(name, out var property))
            return property;
        if (schema.AdditionalProperties is { } values)
            return values;
        throw new CelException($"undefined field '{name}'") { Position = position };
    }
}
