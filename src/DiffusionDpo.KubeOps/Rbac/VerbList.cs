using KubeOps.Abstractions.Rbac;

namespace DiffusionDpo.KubeOps.Rbac;

/// <summary>Verbs of several permissions together, in the order in which Kubernetes' own roles write them.</summary>
internal readonly record struct VerbList(RbacVerb Verbs)
{
    private static readonly (RbacVerb Verb, string Word)[] Named =
    [
        (RbacVerb.Get, "get"),
        (RbacVerb.List, "list"),
        (RbacVerb.Watch, "watch"),
        (RbacVerb.Create, "create"),
        (RbacVerb.Update, "update"),
        (RbacVerb.Patch, "patch"),
        (RbacVerb.Delete, "delete"),
    ];

    public VerbList(IEnumerable<RbacVerb> verbs)
        : this(Normal(verbs.Aggregate((a, b) => a | b)))
    {
    }

    /// <summary>The verbs as roles write them.</summary>
    public IEnumerable<string> Words
    {
        get
        {
            var verbs = Verbs;
            return verbs == RbacVerb.All ? ["*"] : Named.Where(n => verbs.HasFlag(n.Verb)).Select(n => n.Word);
        }
    }

    private static RbacVerb Normal(RbacVerb verbs)
    {
        if (verbs == RbacVerb.None) throw new ArgumentException("a permission without verbs permits nothing", nameof(verbs));
        if (verbs.HasFlag(RbacVerb.All)) return RbacVerb.All;
        return verbs.HasFlag(RbacVerb.AllExplicit) ? Named.Aggregate(RbacVerb.None, (all, n) => all | n.Verb) : verbs;
    }
}
