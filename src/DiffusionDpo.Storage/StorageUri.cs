using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage;

/// <summary>
/// The address of an object or of a directory of objects, in one normal form: no empty, <c>.</c> or <c>..</c> segments, no trailing
/// slash, local paths absolute. Equal addresses are equal values.
/// </summary>
public sealed record StorageUri
{
    private StorageUri(StorageScheme scheme, string place, string key) => (Scheme, Place, Key) = (scheme, place, key);

    /// <summary>Where the bytes are.</summary>
    public StorageScheme Scheme { get; }

    /// <summary>The bucket (S3), <c>account/container</c> (Azure), or nothing (files).</summary>
    public string Place { get; }

    /// <summary>Segments below the place, joined by slashes; empty for the place itself.</summary>
    public string Key { get; }

    /// <summary>The last segment: the object's own name.</summary>
    public string Name => Key[(Key.LastIndexOf('/') + 1)..];

    /// <summary>The path on this machine.</summary>
    /// <exception cref="InvalidOperationException">Not a file address.</exception>
    public string LocalPath => Scheme == StorageScheme.File ? "/" + Key : throw new InvalidOperationException($"{this} is not a local path");

    /// <summary>Reads an address as a user writes it.</summary>
    /// <param name="text">A path (relative ones start at the working directory), <c>file:///path</c>, <c>s3://bucket/key</c> or
    /// <c>az://account/container/key</c>.</param>
    /// <exception cref="RunException">Configuration error: not an address, or it carries credentials.</exception>
    public static StorageUri Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Contains('\0')) throw Malformed("an empty address");
        var separator = text.IndexOf("://", StringComparison.Ordinal);
        if (separator < 0) return OfPath(text);
        var rest = text[(separator + 3)..];
        return text[..separator].ToLowerInvariant() switch
        {
            "file" => OfFileUri(text, rest),
            "s3" => OfCloud(StorageScheme.S3, "s3://bucket/key", placeSegments: 1, rest),
            "az" => OfCloud(StorageScheme.Azure, "az://account/container/key", placeSegments: 2, rest),
            var scheme => throw Malformed($"the scheme {scheme}://"),
        };
    }

    /// <summary>
    /// Reads back what <see cref="ToString"/> gave. Keys that a listing found may hold what <see cref="Parse"/> takes for a query or for credentials.
    /// </summary>
    /// <param name="text">The text of an address.</param>
    /// <exception cref="RunException">Configuration error: not an address.</exception>
    public static StorageUri OfText(string text) => text switch
    {
        ['/', ..] => OfPath(text),
        _ when text.StartsWith("s3://", StringComparison.Ordinal) => OfPlaceAndKey(StorageScheme.S3, "s3://bucket/key", placeSegments: 1, text[5..]),
        _ when text.StartsWith("az://", StringComparison.Ordinal) => OfPlaceAndKey(StorageScheme.Azure, "az://account/container/key", placeSegments: 2, text[5..]),
        _ => throw Malformed($"'{text}'"),
    };

    /// <summary>The directory that holds this; of a place, itself.</summary>
    public StorageUri Parent => new(Scheme, Place, Key[..Math.Max(0, Key.LastIndexOf('/'))]);

    /// <summary>The address of a local path; relative ones start at the working directory.</summary>
    /// <param name="path">A path, taken literally.</param>
    public static StorageUri OfPath(string path) => new(StorageScheme.File, "", Path.GetFullPath(path).Trim('/'));

    /// <summary>The address of something below this one.</summary>
    /// <param name="relative">Segments joined by slashes; <c>..</c> and empty ones are refused, so the result is always below.</param>
    /// <exception cref="RunException">Data error: the name leads elsewhere.</exception>
    public StorageUri Combine(string relative)
    {
        if (relative.Split('/').Any(IsNotASegment) || relative.Contains('\0'))
            throw new RunException(ExitClass.DataError, $"{this}: '{relative.Replace('\0', '?')}' is not a name below it");
        return new StorageUri(Scheme, Place, Key.Length == 0 ? relative : $"{Key}/{relative}");
    }

    /// <summary>The name of this object relative to a directory that holds it.</summary>
    /// <param name="directory">A directory above, or this address itself, which gives its own <see cref="Name"/>.</param>
    /// <exception cref="ArgumentException">This address is not below the directory.</exception>
    public string RelativeTo(StorageUri directory)
    {
        if (this == directory) return Name;
        var prefix = directory.Key.Length == 0 ? "" : directory.Key + "/";
        if (Scheme != directory.Scheme || Place != directory.Place || !Key.StartsWith(prefix, StringComparison.Ordinal))
            throw new ArgumentException($"{this} is not below {directory}", nameof(directory));
        return Key[prefix.Length..];
    }

    /// <summary>The address as a user would write it; <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => Scheme switch
    {
        StorageScheme.S3 => Key.Length == 0 ? $"s3://{Place}" : $"s3://{Place}/{Key}",
        StorageScheme.Azure => Key.Length == 0 ? $"az://{Place}" : $"az://{Place}/{Key}",
        _ => LocalPath,
    };

    private static StorageUri OfFileUri(string text, string rest)
    {
        if (!rest.StartsWith('/')) throw Malformed($"{text}: a file address has three slashes");
        var path = Uri.UnescapeDataString(rest);
        return !path.Contains('\0') ? OfPath(path) : throw Malformed($"{text}: no path holds a zero");
    }

    private static StorageUri OfCloud(StorageScheme scheme, string form, int placeSegments, string rest)
    {
        // A query or a user name may hold a token or a password: say nothing of what was given.
        if (rest.AsSpan().IndexOfAny('?', '@', '#') >= 0) throw Malformed($"an address with a query or credentials in place of {form}");
        return OfPlaceAndKey(scheme, form, placeSegments, rest);
    }

    private static StorageUri OfPlaceAndKey(StorageScheme scheme, string form, int placeSegments, string rest)
    {
        var segments = rest.TrimEnd('/').Split('/');
        if (segments.Length < placeSegments || segments.Any(IsNotASegment) || !segments[..placeSegments].All(IsPlace)) throw Malformed($"'{rest}' in place of {form}");
        return new StorageUri(scheme, string.Join('/', segments[..placeSegments]), string.Join('/', segments[placeSegments..]));
    }

    // Buckets, accounts and containers, and those with a dollar that Azure makes by itself.
    private static bool IsPlace(string segment) => segment.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_' or '$');

    private static bool IsNotASegment(string segment) => segment is "" or "." or "..";

    private static RunException Malformed(string found) => new(
        ExitClass.ConfigurationError,
        $"Storage cannot be addressed by {string.Concat(found.Select(letter => char.IsControl(letter) ? '?' : letter))}; write a path, file:///path, s3://bucket/key or az://account/container/key");
}
