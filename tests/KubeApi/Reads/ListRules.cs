using KubeApi.Errors;

namespace KubeApi.Reads;

/// <summary>Which combinations of list and watch options are refused.</summary>
internal static class ListRules
{
    private const string Kind = "ListOptions";
    private const string Field = "resourceVersionMatch";

    public static void CheckList(ListOptions options)
    {
        if (options.SendInitialEvents is not null)
            throw Refusals.InvalidOptions(Kind, FieldError.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        if (options.Match.Length == 0)
            return;
        if (options.ResourceVersionText.Length == 0)
            throw Refusals.InvalidOptions(Kind, FieldError.Forbidden(Field, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        if (options.Match is not ("Exact" or "NotOlderThan"))
            throw Refusals.InvalidOptions(Kind, FieldError.NotSupported(Field, FieldError.Quote(options.Match), ["Exact", "NotOlderThan", ""]));
        if (options is { Match: "Exact", ResourceVersionText: "0" })
            throw Refusals.InvalidOptions(Kind, FieldError.Forbidden(Field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }

    public static void CheckWatch(ListOptions options)
    {
        if (options.SendInitialEvents is null && options.Match.Length > 0)
            throw Refusals.InvalidOptions(Kind, FieldError.Forbidden(Field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        if (options.SendInitialEvents is not null && options.Match != "NotOlderThan")
            throw Refusals.InvalidOptions(Kind, FieldError.Forbidden(Field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
}
