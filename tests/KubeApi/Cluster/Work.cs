namespace KubeApi.Cluster;

internal readonly record struct Work(IController Controller, ObjectId Id);
