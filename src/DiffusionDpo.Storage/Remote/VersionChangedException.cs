namespace DiffusionDpo.Storage.Remote;

/// <summary>The service has no such version of the object any more.</summary>
internal sealed class VersionChangedException() : Exception("replaced");
