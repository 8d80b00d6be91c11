using DiffusionDpo.Api.Failures;
using Polly;
using Polly.Retry;

namespace DiffusionDpo.Storage.Remote;

/// <summary>
/// The one layer of retries of a remote store; those of the cloud's own library are off. Waits double from a fifth of a second to 20 seconds, with
/// jitter; where the service asks for a wait, it is that one, up to two minutes. A service that has not answered once is more likely misspelt than down: it is
/// given up early.
/// </summary>
internal sealed class Retries
{
    private const int MostTries = 9;
    private const int MostTriesUnheard = 4;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(2);

    private readonly ResiliencePipeline pipeline;
    private volatile bool hasAnswered;

    /// <summary>Retries with a first wait.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="first">Mean of the first wait.</param>
    public Retries(TimeProvider time, TimeSpan first) => pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = MostTries - 1,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = first,
            MaxDelay = LongestWait,
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is RemoteFailure { IsTransient: true } failure && (hasAnswered || failure.WasAnswered || arguments.AttemptNumber < MostTriesUnheard - 1)),
            // Null: the wait that doubles.
            DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as RemoteFailure)?.RetryAfter is { } asked
                ? asked < LongestAsked ? asked : LongestAsked
                : (TimeSpan?)null),
        })
        .Build();

    /// <summary>Tries until it succeeds or waiting does not help any more.</summary>
    /// <param name="uri">What a failure names.</param>
    /// <param name="attempt">One try; it throws <see cref="RemoteFailure"/>.</param>
    /// <param name="cancellation">Ends the tries and the waits.</param>
    /// <exception cref="RunException">The last failure in words.</exception>
    public async ValueTask<T> RunAsync<T>(StorageUri uri, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellation)
    {
        try
        {
            return await pipeline.ExecuteAsync(
                async token =>
                {
                    var result = await attempt(token).ConfigureAwait(false);
                    hasAnswered = true;
                    return result;
                },
                cancellation).ConfigureAwait(false);
        }
        catch (RemoteFailure failure)
        {
            throw failure.Of(uri);
        }
    }
}
