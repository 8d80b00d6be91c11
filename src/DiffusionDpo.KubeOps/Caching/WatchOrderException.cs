namespace DiffusionDpo.KubeOps.Caching;

/// <summary>A watch told things out of order: only a new list can be trusted.</summary>
internal sealed class WatchOrderException(string message) : Exception(message);
