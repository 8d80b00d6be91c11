namespace KubeApi.Cluster.Jobs;

internal enum FailureAction
{
    Count,
    Ignore,
    FailJob,
}
