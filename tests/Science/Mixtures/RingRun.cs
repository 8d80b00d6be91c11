namespace Science.Mixtures;

/// <summary>One training on the mixture.</summary>
/// <param name="IsNetwork">A free network; else a policy that can only move mass between modes.</param>
/// <param name="Lambda">KL weight λ; β = 2·Λ·λ.</param>
/// <param name="Flips">Share of the labels that are flipped.</param>
/// <param name="Seed">Of initial values, pairs, draws and samples.</param>
public sealed record RingRun(bool IsNetwork, double Lambda, double Flips, long Seed)
{
    /// <summary>Draws of (t, ε) whose mean stands inside the sigmoid.</summary>
    public int Draws { get; init; } = IsNetwork ? 32 : 192;

    /// <summary>Timesteps uniform in ln SNR; else uniform in t.</summary>
    public bool UniformInLogRatio { get; init; } = true;

    public int Steps { get; init; } = IsNetwork ? 1200 : 400;

    public int Pairs { get; init; } = IsNetwork ? 64 : 48;

    public double LearningRate => IsNetwork ? 1e-3 : 5e-2;

    /// <summary>Samples that are drawn of the trained policy.</summary>
    public int Samples { get; init; } = 10_000;

    public override string ToString() =>
        $"{(IsNetwork ? "network" : "weights only")}, λ {Lambda}, flips {Flips:P0}, {Draws} draws{(UniformInLogRatio ? "" : " uniform in t")}, seed {Seed}";
}
