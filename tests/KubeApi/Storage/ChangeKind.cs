namespace KubeApi.Storage;

public enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}
