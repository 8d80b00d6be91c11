using DiffusionDpo.KubeOps.Leadership;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>This process's part in leader election.</summary>
/// <param name="Election">Null where it is alone.</param>
internal sealed record Candidacy(LeaderElection? Election);
