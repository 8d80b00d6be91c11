using KubeApi.Errors;

namespace KubeApi.Writes;

/// <summary>The query options of writes.</summary>
internal static class WriteOptions
{
    public static void Check(RequestContext context, string kind)
    {
        var dryRun = context.Query("dryRun");
        if (dryRun.Length > 0 && dryRun != "All")
            throw Refusals.InvalidOptions(kind, FieldError.NotSupported("dryRun", $"[{FieldError.Quote(dryRun)}]", ["All"]));
        var validation = context.Query("fieldValidation");
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
            throw Refusals.InvalidOptions(kind, FieldError.NotSupported("fieldValidation", FieldError.Quote(validation), ["", "Ignore", "Strict", "Warn"]));
    }
}
