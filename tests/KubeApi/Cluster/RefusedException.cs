namespace KubeApi.Cluster;

/// <summary>The API server refused a controller's request.</summary>
internal sealed class RefusedException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}
