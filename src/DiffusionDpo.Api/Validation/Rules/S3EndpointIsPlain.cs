using System.Text.RegularExpressions;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>An address and nothing else: a user name or a query may be a secret, and everyone who may read the fine-tune would read it.</summary>
internal static partial class S3EndpointIsPlain
{
    public const string Path = "storage.s3.endpoint";
    public const string Expression = "^https?://([A-Za-z0-9._-]+|[[][0-9A-Fa-f:.]+[]])(:[0-9]{1,5})?/?$";
    public const string Cel = $"self.{Path} == '' || self.{Path}.matches('{Expression}')";
    // A rule and not a pattern of the field: what breaks a pattern is quoted in the answer, and with it the secret.
    public const string Message = "is not the bare address of a service — give https://host or https://host:port, without credentials, path and query";

    public static readonly FineTuneRule Rule = new(Path, Cel, Message, spec => IsPlain(spec.Storage.S3.Endpoint));

    /// <summary>Whether the rule holds for an endpoint.</summary>
    public static bool IsPlain(string endpoint) => endpoint.Length == 0 || (Plain().IsMatch(endpoint) && !endpoint.EndsWith('\n'));

    [GeneratedRegex(Expression)]
    private static partial Regex Plain();
}
