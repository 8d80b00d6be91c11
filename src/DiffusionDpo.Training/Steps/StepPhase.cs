namespace DiffusionDpo.Training.Steps;

/// <summary>What a training step spends its time on.</summary>
public enum StepPhase
{
    /// <summary>Waiting for pairs.</summary>
    Data,

    /// <summary>Latents, text states, noise.</summary>
    Encode,

    /// <summary>The policy's predictions.</summary>
    PolicyForward,

    /// <summary>The reference's predictions.</summary>
    Reference,

    /// <summary>Objective and gradients.</summary>
    Backward,

    /// <summary>Norm, guard, clipping, update.</summary>
    Optimizer,
}
