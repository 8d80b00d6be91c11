using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Schemas;

namespace KubeApi.Resources;

internal sealed class LeaseStrategy() : BuiltinStrategy(typeof(V1Lease))
{
    public override bool AllowsUnconditionalUpdate => false;

    public override bool AllowsCreateOnUpdate => true;

    public override void Decode(JsonObject document, ICollection<string> unknown)
    {
        base.Decode(document, unknown);
        var spec = document.Object("spec");
        MicroTime.Normalize("Lease", spec, "acquireTime");
        MicroTime.Normalize("Lease", spec, "renewTime");
    }

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before)
    {
        var spec = document.Object("spec");
        if (spec.Integer("leaseDurationSeconds") is <= 0 and var duration)
            yield return FieldError.Invalid("spec.leaseDurationSeconds", $"{duration}", "must be greater than 0");
        if (spec.Integer("leaseTransitions") is < 0 and var transitions)
            yield return FieldError.Invalid("spec.leaseTransitions", $"{transitions}", "must be greater than or equal to 0");
    }
}
