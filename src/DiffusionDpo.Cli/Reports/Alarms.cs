namespace DiffusionDpo.Cli.Reports;

/// <summary>From where on a figure means that something is wrong; docs/report.md says why.</summary>
internal static class Alarms
{
    /// <summary>Growth of the winners' denoising error over the base model's, as a share of it: the model unlearns to draw.</summary>
    public const double WinnerErrorGrowth = 0.05;

    /// <summary>The same, where pictures begin to suffer.</summary>
    public const double WinnerErrorCaution = 0.02;

    /// <summary>Growth of the losers': they come from models like this one, which is pushed away from all it draws.</summary>
    public const double LoserErrorGrowth = 0.25;

    /// <summary>Mean logit and distance of the loss from ln 2 below which the policy is still the base model.</summary>
    public const double Stillness = 0.005;

    /// <summary>Loss above ln 2, in nats: the policy contradicts the preferences more than it agrees.</summary>
    public const double LossAboveStart = 0.05;

    /// <summary>Held-out pairs below which their interval, resampled from them, is no measure.</summary>
    public const int FewestHeldOutPairs = 20;

    /// <summary>Accuracy on training pairs above the upper end of the held-out interval.</summary>
    public const double Memorising = 0.1;

    /// <summary>Share of the time that steps wait for data.</summary>
    public const double DataWait = 0.1;

    /// <summary>Steps before which curves say nothing.</summary>
    public const int FewestSteps = 20;
}
