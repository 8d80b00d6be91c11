using k8s.Models;
using KubeOps.Abstractions.Rbac;

namespace DiffusionDpo.Operator.Rbac;

/// <summary>What leader election takes, in the operator's own namespace.</summary>
[EntityRbac(typeof(V1Lease), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
internal static class LeadershipPermissions;
