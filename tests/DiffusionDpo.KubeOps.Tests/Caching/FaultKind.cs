namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>What goes wrong with a list or a watch.</summary>
internal enum FaultKind
{
    None,
    Reset,
    CleanEnd,
    Unreachable,
    Http410,
    Http429,
    Http500,
    Http503,
    InStream410,
    InStream500,
    Duplicate,
    Late,
    Malformed,
    NotAnEvent,
    Silence,
}
