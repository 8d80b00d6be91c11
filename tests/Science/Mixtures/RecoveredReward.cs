namespace Science.Mixtures;

/// <summary>The implicit reward of a held-out sample.</summary>
/// <param name="Mode">Its mode.</param>
/// <param name="Reward">−½·β·(E_θ − E_ref), averaged over timesteps and noise.</param>
public sealed record RecoveredReward(int Mode, double Reward);
