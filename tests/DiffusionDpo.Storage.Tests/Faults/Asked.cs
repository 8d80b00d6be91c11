namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>A request as it went through a proxy.</summary>
/// <param name="Method">GET, PUT …</param>
/// <param name="Target">Path and query, as sent.</param>
internal sealed record Asked(string Method, string Target)
{
    /// <summary>Whether it asks for bytes of an object.</summary>
    public bool IsRead => Method == "GET" && !Target.Contains("list", StringComparison.Ordinal);

    /// <summary>Whether it sends a whole object.</summary>
    public bool IsPut => Method == "PUT" && !Target.Contains('?');

    /// <summary>Whether it sends a part of one.</summary>
    public bool IsPart => Method == "PUT" && (Target.Contains("partNumber=", StringComparison.Ordinal) || Target.Contains("comp=block&", StringComparison.Ordinal));

    /// <summary>Whether it makes parts an object.</summary>
    public bool IsCompletion => Target.Contains("comp=blocklist", StringComparison.Ordinal) || (Method == "POST" && Target.Contains("uploadId=", StringComparison.Ordinal));
}
