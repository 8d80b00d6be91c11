using System.Text;
using DiffusionDpo.Api.Documents;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Validation;

namespace DiffusionDpo.Api.FineTunes;

/// <summary>Reads fine-tunes as users write them. Every error is found at once, with its place.</summary>
public static class FineTuneYaml
{
    // The API server stores no larger objects either.
    private const int MostBytes = 1 << 20;

    /// <summary>Reads a file. Relative paths in it are relative to its own directory.</summary>
    /// <exception cref="RunException">The file cannot be read.</exception>
    public static FineTuneReading ReadFile(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MostBytes) return Refused(path, Whole($"has more than {MostBytes} bytes — this is no fine-tune"));
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return Read(reader.ReadToEnd(), path, Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (DecoderFallbackException)
        {
            return Refused(path, Whole("is not UTF-8 text — save it as UTF-8"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException(ExitClass.InputMissing, $"{path}: {WhyNot(path)}", e);
        }
    }

    private static string WhyNot(string path)
    {
        if (Directory.Exists(path)) return "is a directory — name the YAML file in it";
        if (File.Exists(path)) return "cannot be read — check its permissions";
        string directory = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        if (!Directory.Exists(directory)) return $"does not exist, nor does {directory} — check the path";
        var near = NearestName.Of(Path.GetFileName(path), Directory.GetFiles(directory, "*.y*ml").Select(file => Path.GetFileName(file)));
        return near is null ? "does not exist — check the path, or write one with ddpo init" : $"does not exist — did you mean {Path.Combine(directory == "." ? "" : directory, near)}?";
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">One YAML document.</param>
    /// <param name="file">Name for messages.</param>
    /// <param name="directory">What relative paths are relative to.</param>
    public static FineTuneReading Read(string text, string file, string directory)
    {
        var (root, syntaxErrors) = YamlDocumentReader.Read(text);
        if (root is null) return Refused(file, [.. syntaxErrors]);
        if (NoFineTune(root) is { } reason) return Refused(file, reason);
        var binder = new DocumentBinder(everyMember: false);
        var bound = binder.Bind(typeof(DpoFineTune), root, "") as DpoFineTune;
        var fineTune = bound is null || !binder.Complete ? bound : LocalPaths.MakeAbsolute(bound, directory);
        var errors = binder.Errors.Concat(Findings(fineTune, binder)).OrderBy(e => (e.Line, e.Column)).ToList();
        return new FineTuneReading(file, errors.Count == 0 ? fineTune : null, errors);
    }

    private static IEnumerable<ValidationError> Findings(DpoFineTune? fineTune, DocumentBinder binder) => fineTune is null
        ? []
        : FineTuneValidation.Validate(fineTune, [.. binder.Errors.Select(e => e.Path)])
            .Where(finding => !binder.IsUnread(finding.Path) && binder.Errors.All(e => e.Path != finding.Path))
            .Select(finding => binder.PlaceOf(finding.Path) is var at ? finding with { Line = at.Line, Column = at.Column } : finding);

    private static ValidationError? NoFineTune(DocumentNode root)
    {
        if (root is not MapNode map) return Whole("is not a fine-tune — write a map with apiVersion, kind, metadata and spec");
        var other = Expect(map, "kind", DpoFineTune.KubeKind) ?? Expect(map, "apiVersion", DpoFineTune.GroupVersion);
        if (other is not null) return other;
        return map.Entries.Any(e => e.Key == "spec") ? null : Whole("is required — add it") with { Path = "spec" };
    }

    private static ValidationError? Expect(MapNode map, string key, string expected)
    {
        var value = map.Entries.FirstOrDefault(e => e.Key == key)?.Value;
        if (value is ScalarNode { Kind: ScalarKind.String } scalar && scalar.Text == expected) return null;
        var at = value?.At ?? map.At;
        var problem = value is ScalarNode wrong ? $"is {OneLine.Quote(wrong.Text)}" : "is not given";
        return new ValidationError(key, at.Line, at.Column, $"{problem} — this program reads {key}: {expected}");
    }

    private static ValidationError Whole(string message) => new("", 1, 1, message);

    private static FineTuneReading Refused(string file, params IReadOnlyList<ValidationError> errors) => new(file, null, errors);
}
