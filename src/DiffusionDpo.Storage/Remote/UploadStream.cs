namespace DiffusionDpo.Storage.Remote;

/// <summary>
/// Cuts what is written into parts that are uploaded side by side while more is written. As many parts as there are places are under way and one is
/// being filled (<see cref="PartPlan"/>): so much memory and no more. An object that fits into one part is not cut.
/// </summary>
/// <param name="upload">Sends a part, counted from 0, as often as needed; throws where that does not help.</param>
/// <param name="cancellation">Abandons all of it.</param>
internal sealed class UploadStream(Func<int, PartBuffer, CancellationToken, Task> upload, CancellationToken cancellation) : Stream
{
    private readonly SemaphoreSlim free = new(PartPlan.Places);
    private readonly CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    private readonly List<Task> running = [];
    private PartBuffer? filling;
    private volatile bool hasFailed;

    /// <summary>Parts that were cut off so far.</summary>
    public int Parts { get; private set; }

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    /// <summary>What does not make a whole part; the whole object where no part was cut.</summary>
    public PartBuffer Rest => filling ??= new PartBuffer(PartPlan.BytesOf(Parts), isLikelySmall: Parts == 0);

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => Written;

    /// <inheritdoc/>
    public override long Position
    {
        get => Written;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Written += buffer.Length;
        while (buffer.Length > 0)
        {
            // A full part goes when more follows it: so an object of exactly one part is not cut.
            if (Rest.IsFull) await SendAsync().ConfigureAwait(false);
            buffer = buffer[Rest.Fill(buffer.Span)..];
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (Rest.IsFull) SendAsync().GetAwaiter().GetResult();
            var taken = Rest.Fill(buffer);
            Written += taken;
            buffer = buffer[taken..];
        }
    }

    /// <summary>Sends the rest as the last part and waits for all; then all of them are there.</summary>
    public async Task CompleteAsync()
    {
        if (Rest.Length > 0) await SendAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    /// <summary>Stops what is under way and waits until nothing more is sent.</summary>
    public async Task AbandonAsync()
    {
        await abandoned.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            filling?.Dispose();
            filling = null;
            free.Dispose();
            abandoned.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task SendAsync()
    {
        if (hasFailed) await Task.WhenAll(running).ConfigureAwait(false); // throws the first failure: no use in more content
        for (var place = 0; place < PartPlan.PlacesOf(Parts); place++) await free.WaitAsync(abandoned.Token).ConfigureAwait(false);
        var (part, number) = (Rest, Parts++);
        filling = null;
        running.RemoveAll(task => task.IsCompletedSuccessfully);
        running.Add(Task.Run(() => SendAsync(number, part)));
    }

    private async Task SendAsync(int number, PartBuffer part)
    {
        try
        {
            using (part) await upload(number, part, abandoned.Token).ConfigureAwait(false);
        }
        catch
        {
            hasFailed = true;
            throw;
        }
        finally
        {
            free.Release(PartPlan.PlacesOf(number));
        }
    }
}
