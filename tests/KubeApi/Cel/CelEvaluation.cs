using System.Text.Json.Nodes;

namespace KubeApi.Cel;

/// <summary>Evaluates a parsed expression. Errors are absorbed by || and &amp;&amp; where the other side decides.</summary>
internal sealed class CelEvaluation(IReadOnlyDictionary<string, object?> variables)
{
    public object? Evaluate(CelNode node) => node switch
    {
        CelNode.Constant constant => constant.Value,
        CelNode.Name name => variables.TryGetValue(name.Text, out var value) ? value : throw new CelException($"undeclared reference to '{name.Text}'"),
        CelNode.Field field => Field(Evaluate(field.Target), field.Member),
        CelNode.Has has => Has(Evaluate(has.Target), has.Member),
        CelNode.Index index => Index(Evaluate(index.Target), Evaluate(index.Key)),
        CelNode.Choice choice => Truth(Evaluate(choice.Condition)) ? Evaluate(choice.Yes) : Evaluate(choice.No),
        CelNode.List list => list.Items.Select(Evaluate).ToList(),
        CelNode.Map map => map.Entries.ToDictionary(entry => Evaluate(entry.Key)!, entry => Evaluate(entry.Value)),
        CelNode.Each each => Each(each),
        CelNode.Call { Function: "&&" } call => Logic(call, false),
        CelNode.Call { Function: "||" } call => Logic(call, true),
        CelNode.Call call => CelFunctions.Call(
            call.Function, [.. call.Target is null ? [] : (object?[])[Evaluate(call.Target)], .. call.Arguments.Select(Evaluate)]),
        _ => throw new CelException($"cannot evaluate {node}"),
    };

    public static bool Truth(object? value) => value as bool? ?? throw new CelException("no such overload");

    private bool Logic(CelNode.Call call, bool decisive)
    {
        CelException? failure = null;
        foreach (var argument in call.Arguments)
        {
            try
            {
                if (Truth(Evaluate(argument)) == decisive)
                    return decisive;
            }
            catch (CelException error)
            {
                failure ??= error;
            }
        }

        return failure is null ? !decisive : throw failure;
    }

    private static object? Field(object? target, string name)
    {
        if (target is JsonObject map)
            return map.TryGetPropertyValue(Unescape(name), out var node) ? CelValues.Of(node) : throw new CelException($"no such key: {name}");
        return CelValues.Map(target) is { } other && other.TryGetValue(name, out var value) ? value : throw new CelException($"no such key: {name}");
    }

    private static bool Has(object? target, string name) => target is JsonObject map
        ? map.TryGetPropertyValue(Unescape(name), out var node) && node is not null
        : CelValues.Map(target)?.ContainsKey(name) ?? throw new CelException("no such overload");

    private static object? Index(object? target, object? key)
    {
        if (CelValues.List(target) is { } list)
            return key is long index && index >= 0 && index < list.Count ? list[(int)index] : throw new CelException($"index out of bounds: {key}");
        return CelValues.Map(target) is { } map && key is not null && map.TryGetValue(key, out var value) ? value : throw new CelException($"no such key: {key}");
    }

    private object? Each(CelNode.Each each)
    {
        var target = Evaluate(each.Target);
        var items = CelValues.List(target) ?? CelValues.Map(target)?.Keys.ToList() ?? throw new CelException("no such overload");
        switch (each.Macro)
        {
            case "filter":
                return items.Where(item => Truth(With(each, item).Evaluate(each.Body))).ToList();
            case "map" when each.Then is { } then:
                return items.Where(item => Truth(With(each, item).Evaluate(each.Body))).Select(item => With(each, item).Evaluate(then)).ToList();
            case "map":
                return items.Select(item => With(each, item).Evaluate(each.Body)).ToList();
            case "exists_one":
                return items.Count(item => Truth(With(each, item).Evaluate(each.Body))) == 1;
        }

        var decisive = each.Macro == "exists";
        CelException? failure = null;
        foreach (var item in items)
        {
            try
            {
                if (Truth(With(each, item).Evaluate(each.Body)) == decisive)
                    return decisive;
            }
            catch (CelException error)
            {
                failure ??= error;
            }
        }

        return failure is null ? !decisive : throw failure;
    }

    private CelEvaluation With(CelNode.Each each, object? item) =>
        new(new Dictionary<string, object?>(variables, StringComparer.Ordinal) { [each.Variable] = item });

    // Property names that are no identifiers are written escaped in rules.
    private static string Unescape(string name) => name.Contains("__", StringComparison.Ordinal)
        ? name.Replace("__dash__", "-", StringComparison.Ordinal).Replace("__dot__", ".", StringComparison.Ordinal)
            .Replace("__slash__", "/", StringComparison.Ordinal).Replace("__underscores__", "__", StringComparison.Ordinal)
        : name;
}
