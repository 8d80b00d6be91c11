namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>
/// One replica's way to the API server, and what goes wrong on it. Cut: requests fail and watches break. Silent: nothing comes back, until that
/// is over and everything breaks. Held: what a paused process sees, which goes on where it stood.
/// </summary>
internal sealed class ApiLink : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _broken = new();
    private TaskCompletionSource _open = Opened();
    private bool _isCut;
    private (int Write, bool After, Action What)? _trap;

    /// <summary>Whether nothing gets through at the moment.</summary>
    public bool IsDown => _isCut || !_open.Task.IsCompleted;

    /// <summary>How many requests of controllers were on their way to change something; Leases and events are not of them.</summary>
    public int Writes { get; private set; }

    public void Cut()
    {
        lock (_lock) _isCut = true;
        Break();
    }

    /// <summary>Nothing is answered any more, and nobody learns of it.</summary>
    public void Hold()
    {
        lock (_lock) _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Everything works again.</summary>
    /// <param name="breaks">What waited is broken off; else it goes on.</param>
    public void Restore(bool breaks)
    {
        if (breaks) Break();
        lock (_lock)
        {
            _isCut = false;
            _open.TrySetResult();
        }
    }

    /// <summary>Does something at a write that is to come, before the API server sees it or after it was done.</summary>
    /// <param name="write">Which, counted from the first (0).</param>
    /// <param name="after">After it was done, and before its answer arrives.</param>
    /// <param name="what">What happens.</param>
    public void AtWrite(int write, bool after, Action what) => _trap = (write, after, what);

    public void Dispose() => _broken.Dispose();

    public HttpMessageHandler Around(HttpMessageHandler inner) => new Handler(this) { InnerHandler = inner };

    /// <summary>Events are told in the background and decide nothing; the Lease is the election's.</summary>
    public static bool IsControlWrite(string method, string path) =>
        method != "GET" && !path.Contains("/events", StringComparison.Ordinal) && !path.Contains("/leases", StringComparison.Ordinal);

    private static TaskCompletionSource Opened()
    {
        TaskCompletionSource open = new();
        open.SetResult();
        return open;
    }

    private void Break()
    {
        CancellationTokenSource old;
        lock (_lock) (old, _broken) = (_broken, new CancellationTokenSource());
        old.Cancel();
    }

    private Action? Spring(bool after, int write)
    {
        lock (_lock)
        {
            if (_trap is not { } trap || trap.Write != write || trap.After != after) return null;
            _trap = null;
            return trap.What;
        }
    }

    private int Count()
    {
        lock (_lock) return Writes++;
    }

    /// <summary>Waits while the link is held.</summary>
    /// <param name="broken">Broken off when this is cancelled.</param>
    /// <param name="cancellationToken">Given up by the client.</param>
    private async Task PassAsync(CancellationToken broken, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(broken, cancellationToken);
        try
        {
            await _open.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }

        if (_isCut || broken.IsCancellationRequested) throw new HttpRequestException(HttpRequestError.ConnectionError, "the link is cut");
    }

    private sealed class Handler(ApiLink link) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var broken = link._broken.Token;
            await link.PassAsync(broken, cancellationToken);
            var write = IsControlWrite(request.Method.Method, request.RequestUri!.AbsolutePath) ? link.Count() : -1;
            link.Spring(false, write)?.Invoke();
            await link.PassAsync(broken, cancellationToken);
            var answer = await base.SendAsync(request, cancellationToken);
            link.Spring(true, write)?.Invoke();
            await link.PassAsync(broken, cancellationToken);
            if (request.RequestUri.Query.Contains("watch=true", StringComparison.Ordinal))
                answer.Content = new StreamContent(new WatchedStream(link, await answer.Content.ReadAsStreamAsync(cancellationToken), broken));
            return answer;
        }
    }

    private sealed class WatchedStream(ApiLink link, Stream inner, CancellationToken broken) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(broken, cancellationToken);
            try
            {
                var count = await inner.ReadAsync(buffer, either.Token);
                await link.PassAsync(broken, cancellationToken);
                return count;
            }
            catch (OperationCanceledException) when (broken.IsCancellationRequested)
            {
                throw new IOException("the link is cut");
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
