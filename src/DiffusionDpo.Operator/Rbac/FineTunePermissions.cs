using DiffusionDpo.Api.FineTunes;
using k8s.Models;
using KubeOps.Abstractions.Rbac;

namespace DiffusionDpo.Operator.Rbac;

/// <summary>
/// What running fine-tunes takes, in whichever namespaces they are. No Secrets (pods mount them), no pods/exec; pods are read for what
/// became of them, and Jobs are created once and never changed.
/// </summary>
[EntityRbac(typeof(DpoFineTune), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[GenericRbac(Groups = [DpoFineTune.KubeGroup], Resources = [DpoFineTune.KubePluralName + "/status"], Verbs = RbacVerb.Patch)]
[EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Delete)]
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1Service), typeof(V1ConfigMap), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch | RbacVerb.Delete)]
[GenericRbac(Groups = ["events.k8s.io"], Resources = ["events"], Verbs = RbacVerb.Create | RbacVerb.Patch)]
internal static class FineTunePermissions;
