namespace DiffusionDpo.Api.Documents;

/// <summary>How the types of options appear in documents.</summary>
internal static class TypeShape
{
    /// <summary>The type of a list's items, or null where <paramref name="type"/> is no list.</summary>
    public static Type? ItemOf(Type type) => Argument(type, 0, typeof(IReadOnlyList<>), typeof(IList<>));

    /// <summary>The type of a map's values, or null where <paramref name="type"/> is no map from strings.</summary>
    public static Type? ValueOf(Type type) => Argument(type, 1, typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>));

    /// <summary>Whether values of <paramref name="type"/> are maps with declared members.</summary>
    public static bool IsRecord(Type type) =>
        type.IsClass && type != typeof(string) && type != typeof(object) && type.GetConstructor(Type.EmptyTypes) is not null;

    private static Type? Argument(Type type, int index, params ReadOnlySpan<Type> definitions) =>
        type.IsGenericType && definitions.Contains(type.GetGenericTypeDefinition()) ? type.GetGenericArguments()[index] : null;
}
