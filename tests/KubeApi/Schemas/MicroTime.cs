using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Schemas;

/// <summary>Times with microseconds: exactly six fraction digits, or the server does not take them.</summary>
internal static partial class MicroTime
{
    private const string Layout = "2006-01-02T15:04:05.000000Z07:00";
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Checks a field and brings it to UTC.</summary>
    public static void Normalize(string kind, JsonObject? parent, string name)
    {
        if (parent.Text(name) is not { } text)
            return;
        if (!Pattern().IsMatch(text))
        {
            var rest = Seconds().Match(text) is { Success: true } match ? text[match.Length..] : text;
            throw Refusals.BadRequest($"{kind} in version \"v1\" cannot be handled as a {kind}: parsing time {FieldError.Quote(text)} as \"{Layout}\": cannot parse {FieldError.Quote(rest)} as \".000000\"");
        }

        parent![name] = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)\z")]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")]
    private static partial Regex Seconds();
}
