using System.Net.Sockets;
using System.Security.Authentication;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage.Remote;

/// <summary>One request with a limit of time that fits its size, and the network's exceptions in our words.</summary>
internal static class Attempt
{
    private const double SlowestBytesPerSecond = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a request.</summary>
    /// <param name="endpoint">The service, for words.</param>
    /// <param name="bytes">How much it carries either way.</param>
    /// <param name="request">The request.</param>
    /// <param name="translate">The failure that the service's own library reports; null where an exception is none of it.</param>
    /// <param name="cancellation">The caller's.</param>
    public static async ValueTask<T> RunAsync<T>(
        string endpoint, long bytes, Func<CancellationToken, ValueTask<T>> request, Func<Exception, RemoteFailure?> translate, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience + TimeSpan.FromSeconds(bytes / SlowestBytesPerSecond));
        try
        {
            return await request(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is not (RemoteFailure or RunException or VersionChangedException))
        {
            throw translate(exception) ?? OfNetwork(endpoint, exception);
        }
    }

    /// <summary>The libraries of the clouds wrap what broke in exceptions of their own: what counts is the first cause.</summary>
    private static RemoteFailure OfNetwork(string endpoint, Exception exception)
    {
        Exception[] causes = [.. CausesOf(exception)];
        if (causes.OfType<SocketException>().FirstOrDefault() is { } socket) return OfSocket(endpoint, socket, exception);
        if (causes.OfType<AuthenticationException>().FirstOrDefault() is { } untrusted)
        {
            return new RemoteFailure(
                ExitClass.ConfigurationError, $"cannot be reached: {endpoint} has a certificate that is not trusted here ({OneLine(untrusted)}); install its authority, or correct the endpoint", exception);
        }

        if (causes.Any(cause => cause is OperationCanceledException or TimeoutException)) return RemoteFailure.Passing($"{endpoint} did not answer in time", "check network and service", exception);
        if (causes.LastOrDefault(cause => cause is IOException or HttpRequestException) is { } broken) return Broken(endpoint, broken, exception);
        return new RemoteFailure(ExitClass.StorageError, $"cannot be reached: {OneLine(exception)}; check the endpoint in storage", exception);
    }

    /// <summary>An exception, what caused it, and so on.</summary>
    public static IEnumerable<Exception> CausesOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException) yield return cause;
    }

    private static RemoteFailure OfSocket(string endpoint, SocketException socket, Exception exception) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
            RemoteFailure.Passing($"there is no host of the name in {endpoint}", "correct the endpoint in storage (or the account in the URI), or check name resolution", exception),
        SocketError.ConnectionRefused =>
            RemoteFailure.Passing($"{endpoint} refuses connections", "correct the endpoint in storage, or start the service", exception),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown =>
            Broken(endpoint, socket, exception),
        _ => RemoteFailure.Passing($"{endpoint} cannot be connected to ({OneLine(socket)})", "check network and service", exception),
    };

    private static RemoteFailure Broken(string endpoint, Exception cause, Exception exception) =>
        new(ExitClass.StorageError, $"cannot be reached: the connection to {endpoint} broke ({OneLine(cause)}), and more tries did not help; check network and service", exception)
        {
            IsTransient = true, WasAnswered = true,
        };

    private static string OneLine(Exception exception) => exception.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
