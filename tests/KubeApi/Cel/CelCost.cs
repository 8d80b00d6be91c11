using KubeApi.Schemas;

namespace KubeApi.Cel;

/// <summary>
/// The one trap of the real cost estimate that is known here: string() of something that is no string has no bound on its length, so
/// joining it to a text in a messageExpression is over budget. The estimate as a whole is not emulated.
/// </summary>
internal static class CelCost
{
    public static bool IsUnbounded(CelNode node, StructuralSchema self) => node switch
    {
        CelNode.Call { Function: "+" } call => call.Arguments.Any(part => IsConversion(part, self) || IsUnbounded(part, self)),
        CelNode.Call call => call.Arguments.Any(part => IsUnbounded(part, self)),
        CelNode.Choice choice => IsUnbounded(choice.Yes, self) || IsUnbounded(choice.No, self),
        _ => false,
    };

    private static bool IsConversion(CelNode node, StructuralSchema self) =>
        node is CelNode.Call { Function: "string", Target: null, Arguments: [CelNode.Field { Target: CelNode.Name { Text: "self" } } field] }
        && self.Properties.GetValueOrDefault(field.Member)?.Type is "integer" or "number" or "boolean";
}
