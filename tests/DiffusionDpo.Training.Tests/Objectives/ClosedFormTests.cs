using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Shared;
using Science.ClosedForm;
using Xunit;

namespace DiffusionDpo.Training.Tests.Objectives;

/// <summary>The optimum of a problem that can be solved on paper; the same over all timesteps is an experiment of `make science`.</summary>
public sealed class ClosedFormTests : TorchTest
{
    private readonly GaussianProblem problem = new(NoiseSchedule.Load(Goldens.Path(TinyRun.Tag)));

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(900)]
    public void The_optimum_is_the_closed_form(int timestep) =>
        Assert.Equal(1, problem.Optimum(timestep, shareNoise: true) / problem.Expected(timestep), 0.01);

    /// <summary>The negative control: were the noise not shared, this optimum would be another.</summary>
    [Theory]
    [InlineData(100, 0.064)]
    [InlineData(500, 0.592)]
    [InlineData(900, 0.974)]
    public void Independent_noise_shrinks_the_optimum(int timestep, double share) =>
        Assert.Equal(share, problem.Optimum(timestep, shareNoise: false) / problem.Expected(timestep), 0.01);

    [Theory]
    [InlineData(100, 0.064)]
    [InlineData(500, 0.595)]
    [InlineData(900, 0.974)]
    public void Quadrature_gives_that_optimum_without_a_sample(int timestep, double share) =>
        Assert.Equal(share, problem.ExpectedShareWithoutSharing(timestep), 0.001);
}
