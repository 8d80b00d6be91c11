using System.Text.RegularExpressions;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>An address and nothing else: a shared access signature is a secret, and everyone who may read the fine-tune would read it.</summary>
internal static partial class AzureEndpointIsPlain
{
    public const string Path = "storage.azure.endpoint";
    public const string Expression = "^https?://([A-Za-z0-9._:-]|[{]account[}])+(/([A-Za-z0-9._~/-]|[{]account[}])*)?$";
    public const string Cel = $"self.{Path} == '' || self.{Path}.matches('{Expression}')";
    // A rule and not a pattern of the field: what breaks a pattern is quoted in the answer, and with it the secret.
    public const string Message =
        "is not the bare address of a blob service — give https://{account}.host or http://host:port, without credentials, signature and query";

    public static readonly FineTuneRule Rule = new(Path, Cel, Message, spec => IsPlain(spec.Storage.Azure.Endpoint));

    /// <summary>Whether the rule holds for an endpoint.</summary>
    public static bool IsPlain(string endpoint) => endpoint.Length == 0 || (Plain().IsMatch(endpoint) && !endpoint.EndsWith('\n'));

    [GeneratedRegex(Expression)]
    private static partial Regex Plain();
}
