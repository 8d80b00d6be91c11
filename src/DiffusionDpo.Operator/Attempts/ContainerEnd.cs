namespace DiffusionDpo.Operator.Attempts;

/// <summary>How a trainer's container ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Reason">The kubelet's word for it, such as OOMKilled.</param>
/// <param name="Message">Its termination message, or the end of its log; anything may stand there.</param>
/// <param name="At">When.</param>
internal sealed record ContainerEnd(int ExitCode, string? Reason, string? Message, DateTimeOffset? At);
