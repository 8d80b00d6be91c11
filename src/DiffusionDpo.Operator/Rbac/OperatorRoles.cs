using DiffusionDpo.KubeOps.Rbac;

namespace DiffusionDpo.Operator.Rbac;

/// <summary>The operator's roles: the one list of classes whose attributes say what it may do.</summary>
internal static class OperatorRoles
{
    private const string Namespace = "diffusion-dpo";

    private static readonly Type[] Everywhere = [typeof(Reconciling.FineTuneController)];
    private static readonly Type[] AtHome = [typeof(LeadershipPermissions)];

    /// <summary>All roles as one YAML text.</summary>
    public static string ToYaml() => string.Join(
        "---\n",
        "# Written by `make crds` from the attributes on the operator's classes.\n" + RbacGenerator.ClusterRole("diffusion-dpo-operator", Everywhere),
        RbacGenerator.Role("diffusion-dpo-leader-election", Namespace, AtHome));
}
