using DiffusionDpo.Api.FineTunes;
using k8s.Models;

namespace DiffusionDpo.Operator.Objects;

/// <summary>The headless Service that gives pods host names before they are ready: ranks meet while all of them still start.</summary>
internal static class RendezvousService
{
    /// <summary>The object.</summary>
    public static V1Service Build(DpoFineTune fineTune, int trainerPort) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = RunLabels.Metadata(fineTune, RunNames.Run(fineTune)),
        Spec = new V1ServiceSpec
        {
            ClusterIP = "None",
            PublishNotReadyAddresses = true,
            Selector = RunLabels.Run(fineTune),
            Ports = [new V1ServicePort { Name = TrainerContainer.PortName, Protocol = "TCP", Port = trainerPort, TargetPort = TrainerContainer.PortName }],
        },
    };

    /// <summary>Host name of worker 0 of an attempt within the namespace.</summary>
    public static string HostOfRankZero(DpoFineTune fineTune, AttemptStatus attempt) =>
        $"{RunNames.Job(fineTune, attempt)}-0.{RunNames.Run(fineTune)}";
}
