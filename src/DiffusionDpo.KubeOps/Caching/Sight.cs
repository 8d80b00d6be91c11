namespace DiffusionDpo.KubeOps.Caching;

/// <summary>What is seen of an object: which one it is, in which version, and its view.</summary>
internal readonly record struct Sight<TView>(ObjectKey Key, string Uid, ulong Version, TView View)
    where TView : class;
