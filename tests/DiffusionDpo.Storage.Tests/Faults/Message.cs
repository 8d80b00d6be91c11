using System.Net.Sockets;
using System.Text;

namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>A request or an answer of HTTP/1.1 as its bytes: nothing of it is written anew, so that signatures hold.</summary>
/// <param name="Head">Its lines, with the empty one.</param>
/// <param name="Body">What follows.</param>
internal sealed record Message(string Head, byte[] Body)
{
    private const string Blank = "\r\n\r\n";

    /// <summary>Reads a request, whose body has the length that it says.</summary>
    /// <returns>Null: the client asks for nothing more.</returns>
    public static async Task<Message?> OfRequestAsync(NetworkStream client, CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        while (HeadOf(bytes) < 0)
        {
            if (!await MoreAsync(client, bytes, cancellation)) return null;
        }

        var end = HeadOf(bytes);
        var head = Encoding.ASCII.GetString(bytes.GetBuffer(), 0, end);
        if (Value(head, "Expect") is not null) await client.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancellation);
        var length = int.Parse(Value(head, "Content-Length") ?? "0");
        while (bytes.Length < end + length)
        {
            if (!await MoreAsync(client, bytes, cancellation)) return null;
        }

        return new Message(head, bytes.ToArray()[end..]);
    }

    /// <summary>Reads an answer, with which the connection ends.</summary>
    public static async Task<Message> OfAnswerAsync(NetworkStream server, CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        while (await MoreAsync(server, bytes, cancellation))
        {
        }

        var end = HeadOf(bytes);
        return new Message(Encoding.ASCII.GetString(bytes.GetBuffer(), 0, end), bytes.ToArray()[end..]);
    }

    /// <summary>The same, after which the connection ends, and whose body is not waited for.</summary>
    public Message AsOnly() => this with { Head = Without(Without(Head, "Connection"), "Expect").Replace(Blank, "\r\nConnection: close" + Blank, StringComparison.Ordinal) };

    /// <summary>All of it.</summary>
    public byte[] Bytes => [.. Encoding.ASCII.GetBytes(Head), .. Body];

    private static async Task<bool> MoreAsync(NetworkStream from, MemoryStream into, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        var count = await from.ReadAsync(buffer, cancellation);
        into.Write(buffer, 0, count);
        return count > 0;
    }

    private static int HeadOf(MemoryStream bytes) =>
        bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf("\r\n\r\n"u8) is var at and >= 0 ? at + Blank.Length : -1;

    private static string? Value(string head, string name) => head.Split("\r\n").FirstOrDefault(line => IsOf(line, name))?[(name.Length + 1)..].Trim();

    private static string Without(string head, string name) => string.Join("\r\n", head.Split("\r\n").Where(line => !IsOf(line, name)));

    private static bool IsOf(string line, string name) => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase);
}
