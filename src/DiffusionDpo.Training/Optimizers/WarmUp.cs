namespace DiffusionDpo.Training.Optimizers;

/// <summary>The learning rate: linear from 0 over the warm-up, then constant.</summary>
/// <param name="LearningRate">The rate after the warm-up.</param>
/// <param name="Steps">Optimizer steps of the warm-up; 0: none.</param>
public sealed record WarmUp(double LearningRate, int Steps)
{
    /// <summary>The rate of an optimizer step. With a warm-up, the first step has rate 0.</summary>
    /// <param name="step">From 0.</param>
    public double RateAt(int step) => step < Steps ? LearningRate * ((double)step / Steps) : LearningRate;
}
