namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>What a proxy does to one request instead of passing it on and its answer back.</summary>
internal abstract record Fault
{
    /// <summary>The proxy answers in the server's place; the server is not asked.</summary>
    /// <param name="Status">HTTP's number.</param>
    /// <param name="Code">What S3 and Azure put beside it.</param>
    /// <param name="Headers">More lines of the head.</param>
    public sealed record Answer(int Status, string Code, params string[] Headers) : Fault;

    /// <summary>The answer's body ends after some bytes, and with it the connection.</summary>
    /// <param name="Bytes">How many come.</param>
    public sealed record Truncate(int Bytes) : Fault;

    /// <summary>One bit of the answer's body is another.</summary>
    /// <param name="At">The byte.</param>
    public sealed record Flip(int At) : Fault;

    /// <summary>The server does as it is asked, but its answer is lost.</summary>
    public sealed record Drop : Fault;

    /// <summary>The answer stops after some bytes of its body, and the connection stands.</summary>
    /// <param name="Bytes">How many come.</param>
    public sealed record Stall(int Bytes) : Fault;

    /// <summary>The server does as it is asked, no answer comes, and the connection stands.</summary>
    public sealed record Silence : Fault;

    /// <summary>One bit of the request's body reaches the server as another.</summary>
    /// <param name="At">The byte.</param>
    public sealed record Garble(int At) : Fault;

    /// <summary>The server gets another head.</summary>
    /// <param name="Change">Makes it of the one that the client sent.</param>
    public sealed record Reword(Func<string, string> Change) : Fault;
}
