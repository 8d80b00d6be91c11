namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>What happens to a replica.</summary>
internal enum Trouble
{
    /// <summary>SIGTERM: it ends in order and is replaced.</summary>
    Stop,

    /// <summary>It is gone and is replaced.</summary>
    Kill,

    /// <summary>Its connections break, and new ones fail for a while.</summary>
    Cut,

    /// <summary>It hears nothing any more for a while; then its connections break.</summary>
    Silence,

    /// <summary>It stands still for a while, as under SIGSTOP, and goes on where it stood.</summary>
    Pause,

    /// <summary>Its timers stand still for a while: no renewal is sent and nothing is cancelled in time, but all other work goes on.</summary>
    Starve,
}
