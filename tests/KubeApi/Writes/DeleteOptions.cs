using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Writes;

/// <summary>How to delete: from the body, or from the query where there is none.</summary>
internal sealed record DeleteOptions
{
    private const string Kind = "DeleteOptions";

    public string PropagationPolicy { get; init; } = "";

    public long? GracePeriodSeconds { get; init; }

    public string Uid { get; init; } = "";

    public string ResourceVersion { get; init; } = "";

    public static DeleteOptions Read(RequestContext context)
    {
        WriteOptions.Check(context, Kind);
        var body = context.Request.Body.IsEmpty ? null : DocumentReader.ReadNode(context.Request.Body.Span) as JsonObject;
        var policy = body.Text("propagationPolicy") ?? context.Query("propagationPolicy");
        var orphan = body.Flag("orphanDependents");
        if (policy.Length > 0 && orphan is not null)
            throw Refusals.InvalidOptions(Kind, FieldError.Invalid("propagationPolicy", FieldError.Quote(policy), "orphanDependents and deletionPropagation cannot be both set"));
        if (policy is not ("" or "Foreground" or "Background" or "Orphan"))
            throw Refusals.InvalidOptions(Kind, FieldError.NotSupported("propagationPolicy", FieldError.Quote(policy), ["Foreground", "Background", "Orphan", "nil"]));
        var grace = body.Integer("gracePeriodSeconds")
            ?? (long.TryParse(context.Query("gracePeriodSeconds"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? seconds : null);
        return new DeleteOptions
        {
            PropagationPolicy = orphan == true ? "Orphan" : policy,
            GracePeriodSeconds = grace,
            Uid = body.Object("preconditions").Text("uid") ?? "",
            ResourceVersion = body.Object("preconditions").Text("resourceVersion") ?? "",
        };
    }

    public void CheckPreconditions(RequestContext context, StoredObject current)
    {
        if (Uid.Length > 0 && Uid != current.Uid)
            throw Refusals.DeletePrecondition(context.Type, current.Key.Name, $"the UID in the precondition ({Uid}) does not match the UID in record ({current.Uid}). The object might have been deleted and then recreated");
        var version = current.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        if (ResourceVersion.Length > 0 && ResourceVersion != version)
            throw Refusals.DeletePrecondition(context.Type, current.Key.Name, $"the ResourceVersion in the precondition ({ResourceVersion}) does not match the ResourceVersion in record ({version}). The object might have been modified");
    }

    /// <summary>Orphan and Foreground hold the object for the garbage collector.</summary>
    public void AddFinalizers(RequestContext context, JsonObject metadata)
    {
        if (PropagationPolicy.Length == 0 && context.Type.Strategy.DefaultPropagationWarning is { } warning)
            context.Warnings.Add(warning);
        var policy = PropagationPolicy.Length > 0 ? PropagationPolicy : context.Type.Strategy.DefaultPropagation;
        var finalizer = policy switch { "Orphan" => "orphan", "Foreground" => "foregroundDeletion", _ => null };
        if (finalizer is null)
            return;
        var finalizers = metadata.Array("finalizers") ?? [];
        if (finalizers.Any(item => item?.ToString() == finalizer))
            return;
        if (finalizers.Parent is null)
            metadata["finalizers"] = finalizers;
        finalizers.Add(finalizer);
    }
}
