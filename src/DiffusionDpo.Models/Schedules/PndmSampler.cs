using DiffusionDpo.Models.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Schedules;

/// <summary>
/// PNDM without Runge–Kutta steps (Liu et al. 2022, algorithm 2, "PLMS"): a linear multistep method over the last four predictions. The first
/// step is taken twice: its end is evaluated, and the step redone with the mean of both predictions (Heun's method).
/// </summary>
internal sealed class PndmSampler : ISampler
{
    private readonly DiscreteTrajectory trajectory;
    private readonly int[] timesteps;
    private readonly List<Tensor> predictions = []; // newest first, at most four
    private Tensor? start;

    public PndmSampler(NoiseSchedule schedule, int steps)
    {
        SchedulerConfig config = schedule.Config;
        ModelConfigJson.Require(config.SkipPrkSteps is true, config.Place, "skip_prk_steps", config.SkipPrkSteps, "the pndm sampler needs true");
        int[] visited = SampleTimesteps.Whole(schedule, config.TimestepSpacing ?? TimestepSpacing.Leading, steps);
        timesteps = steps == 1 ? visited : [visited[0], visited[1], .. visited[1..]];
        Timesteps = Array.ConvertAll(timesteps, timestep => (float)timestep);
        trajectory = new DiscreteTrajectory(schedule, steps, endsAtOne: config.SetAlphaToOne ?? false);
    }

    public IReadOnlyList<float> Timesteps { get; }

    public float InitNoiseSigma => 1;

    public Tensor ScaleInput(Tensor latents, int step) => latents;

    public float AlphaAt(int step) => trajectory.AlphaAt(timesteps[step]);

    public Tensor Step(Tensor prediction, Tensor latents, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        if (step == 1) return RedoFirstStep(prediction).MoveToOuterDisposeScope();
        Remember(prediction);
        if (step == 0) start = latents;
        return Transfer(latents, Combine(), timesteps[step], timesteps[step] - trajectory.Stride).MoveToOuterDisposeScope();
    }

    private Tensor RedoFirstStep(Tensor prediction) =>
        Transfer(start!, (prediction + predictions[0]) / 2, timesteps[1] + trajectory.Stride, timesteps[1]);

    private void Remember(Tensor prediction)
    {
        predictions.Insert(0, prediction.MoveToOuterDisposeScope());
        if (predictions.Count > 4) predictions.RemoveAt(4);
    }

    // Adams–Bashforth weights of order 1 to 4
    private Tensor Combine() => predictions switch
    {
        [var e] => e,
        [var e, var e1] => (3 * e - e1) / 2,
        [var e, var e1, var e2] => (23 * e - 16 * e1 + 5 * e2) / 12,
        [var e, var e1, var e2, var e3] => (55 * e - 59 * e1 + 37 * e2 - 9 * e3) / 24,
        _ => throw new InvalidOperationException("one to four predictions are remembered"),
    };

    // eq. 9 of the paper, in float32 coefficients
    private Tensor Transfer(Tensor latents, Tensor noise, int from, int to)
    {
        float alpha = trajectory.AlphaAt(from), next = trajectory.AlphaAt(to);
        float divisor = alpha * MathF.Sqrt(1 - next) + MathF.Sqrt(alpha * (1 - alpha) * next);
        return MathF.Sqrt(next / alpha) * latents - (next - alpha) * noise / divisor;
    }
}
