namespace DiffusionDpo.KubeOps.Tests.Faking;

/// <summary>What happens to a request.</summary>
/// <param name="Way">Time until it arrives; it arrives also if the client has given it up.</param>
/// <param name="Back">Time until its answer arrives.</param>
/// <param name="Unreachable">It does not arrive, and the client learns that.</param>
/// <param name="AnswerLost">It is done, but the client learns of a failure.</param>
internal sealed record Fault(TimeSpan Way = default, TimeSpan Back = default, bool Unreachable = false, bool AnswerLost = false)
{
    public static Fault None { get; } = new();

    /// <summary>No answer ever.</summary>
    public static Fault Hangs { get; } = new(Back: TimeSpan.FromDays(1));
}
