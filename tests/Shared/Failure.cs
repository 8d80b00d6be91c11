using DiffusionDpo.Api.Failures;
using Xunit;

namespace DiffusionDpo.Shared;

/// <summary>Expects the one-line failure that a user sees.</summary>
internal static class Failure
{
    /// <summary>Runs what must fail and returns the message, which is one line of bounded length.</summary>
    public static string Of(ExitClass exitClass, Action action)
    {
        var failure = Assert.Throws<RunException>(action);
        Assert.Equal(exitClass, failure.ExitClass);
        Assert.DoesNotContain(failure.Message, char.IsControl);
        Assert.InRange(failure.Message.Length, 20, 40_000);
        return failure.Message;
    }
}
