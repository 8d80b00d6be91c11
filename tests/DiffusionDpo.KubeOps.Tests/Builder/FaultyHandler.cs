using System.Net;

namespace DiffusionDpo.KubeOps.Tests.Builder;

/// <summary>Stands between an operator and the server, and breaks what the seed says: streams are cut after some bytes, refused, or doubled.</summary>
internal sealed class FaultyHandler : DelegatingHandler
{
    private readonly Random _random;
    private readonly Lock _lock = new();

    public FaultyHandler(HttpMessageHandler inner, int seed) : base(inner) => _random = new Random(seed);

    public bool IsOn { get; set; }

    public int Faults { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool isRead = request.Method == HttpMethod.Get;
        bool isWatch = request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal);
        int fate = IsOn && isRead ? Next(100) : 100;
        switch (fate)
        {
            case 0: return Count(new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("broken") });
            case 1: return Count(new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("") });
            case 2: Count(0); throw new HttpRequestException(HttpRequestError.ResponseEnded, "cut before the answer");
            case < 9: return Count(new HttpResponseMessage(HttpStatusCode.Gone) { Content = new StringContent("") });
            case < 25 when isWatch:
                return Count(new HttpResponseMessage { Content = new StringContent(
                    """{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410,"message":"too old"}}""" + "\n") });
            case < 30: return Count(new HttpResponseMessage { Content = new StringContent("""{"type":"ADDED","object":{"met""") });
        }

        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
        if (fate == 100 || !answer.IsSuccessStatusCode) return answer;
        Stream whole = await answer.Content.ReadAsStreamAsync(cancellationToken);
        // Anywhere: in the middle of a line, of a character, before the first byte.
        answer.Content = new StreamContent(new CutStream(whole, Next(isWatch ? 1600 : 8000), () => Count(0)));
        return answer;
    }

    private T Count<T>(T answer)
    {
        lock (_lock) Faults++;
        return answer;
    }

    private int Next(int most)
    {
        lock (_lock) return _random.Next(most);
    }

    private sealed class CutStream(Stream inner, int length, Action onCut) : Stream
    {
        private int _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
            {
                onCut();
                throw new IOException("cut");
            }

            int count = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= count;
            return count;
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
    }
}
