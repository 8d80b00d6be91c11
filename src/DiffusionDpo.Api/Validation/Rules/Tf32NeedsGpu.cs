using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>TF32 is a format of GPUs.</summary>
internal static class Tf32NeedsGpu
{
    public const string Path = "training.tf32";
    public const string Cel = "!self.training.tf32 || self.training.device != 'cpu'";
    public const string Message = "has an effect on a GPU only — remove it, or set training.device to auto or cuda";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => !spec.Training.Tf32 || spec.Training.Device != ComputeDevice.Cpu);
}
