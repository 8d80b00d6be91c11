namespace DiffusionDpo.KubeOps.Caching;

/// <summary>
/// What a reflector knows of the objects of a kind: views of them that hold only what reconciliation reads. Kept by list and watch;
/// never behind this process's own writes.
/// </summary>
/// <typeparam name="TView">The view.</typeparam>
public interface IObjectCache<out TView>
    where TView : class
{
    /// <summary>How many objects there are.</summary>
    int Count { get; }

    /// <summary>The view of one object; null where there is none.</summary>
    TView? Get(ObjectKey key);

    /// <summary>All views, in no particular order.</summary>
    IReadOnlyList<TView> List();

    /// <summary>The views of the objects that belong to an entity, as the watch's owner function says.</summary>
    IReadOnlyList<TView> OwnedBy(ObjectKey entity);
}
