using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Shared.Fuzzing;

namespace DiffusionDpo.Api.Tests.Fuzzing;

/// <summary>Documents that users write or that come from elsewhere: read, or refused as their readers promise.</summary>
public sealed class DocumentFuzzTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    /// <summary>Documents that have broken readers of YAML: aliases of aliases, depth in every style, keys without end, tags, other encodings.</summary>
    private static string[] NastyYaml =>
    [
        "", "\0", "%YAML 9.9\n---\n", "&a [*a]", "*a", "? ? ? ?", "!!python/object:os.system x", "!<tag:yaml.org,2002:binary> /9j/", "a: &a\nb: *a\n<<: *a", "- - - - - -", "'", "\"\\ud800\"", "|999\n a", "{a: {b: [}",
        "a: &a [x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range('b', 20).Select(c => $"{(char)c}: &{(char)c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 9))}]\n")),
        new string('[', 50_000), new string('{', 50_000), string.Concat(Enumerable.Repeat("{a: ", 20_000)), string.Concat(Enumerable.Repeat("- ", 50_000)), string.Concat(Enumerable.Repeat("? ", 20_000)),
        string.Concat(Enumerable.Range(0, 3_000).Select(i => new string(' ', i % 300) + "a:\n")), string.Concat(Enumerable.Repeat("[", 5_000)) + string.Concat(Enumerable.Repeat("]", 5_000)),
        "a: \"" + new string('\\', 100_000), "a: " + new string('!', 100_000), "a: " + new string('&', 100_000), new string('#', 100_000), new string('\n', 100_000), "a: |\n" + new string(' ', 100_000),
    ];

    private static string[] NastyJson =>
    [
        "", "null", "[]", "{", "{\"\\ud800\":1}", "{\"name\":\"\\ud800\"}", "{\"name\":\"\\udc00x\"}", "{\"stage\":\"\\ud800\"}", "{\"model\":{\"\\ud800\":{}}}", "{\"a\":1,\"a\":1}", "\ud800", "{\"name\":1e999}",
        new string('[', 100_000), string.Concat(Enumerable.Repeat("{\"model\":", 100_000)), "{\"training\":{\"steps\":" + new string('9', 100_000) + "}}", "{\"training\":{\"steps\":1e" + new string('9', 1_000) + "}}",
    ];

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Any_text_for_a_fine_tune_is_read_or_every_error_is_told()
    {
        byte[][] sound = [.. Directory.GetFiles(Repository.Path("tests", "manifests", "good"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        foreach (var nasty in NastyYaml) Fuzz.One(Encoding.UTF8.GetBytes(nasty), nasty[..Math.Min(40, nasty.Length)], IsTaken);
        var taken = Fuzz.Feed(new(sound, [.. NastyYaml.Select(Encoding.UTF8.GetBytes)], "*a", "&a ", "<<: ", "---\n", "!!str ", "? ", "- ", "| \n", "> \n", ": ", "\t", "steps: 1_0", "\ufeff"), Fuzz.Cases(2_000), IsTaken);
        Assert.InRange(taken, 1, Fuzz.Cases(2_000) / 2);

        bool IsTaken(byte[] file)
        {
            File.WriteAllBytes(path, file);
            var reading = FineTuneYaml.ReadFile(path);
            Assert.Equal(reading.FineTune is null, reading.Errors.Count > 0);
            foreach (var error in reading.Describe())
            {
                Assert.DoesNotContain(error, char.IsControl);
                Assert.InRange(error.Length, 10, 4_000);
            }

            return reading.FineTune is not null;
        }
    }

    [Fact]
    public void Any_text_for_a_run_file_is_read_or_refused()
    {
        byte[][] sound = [Encoding.UTF8.GetBytes(Samples.RunFile().ToJson())];
        foreach (var nasty in NastyJson) _ = Take(nasty);
        var taken = Fuzz.Feed(new(sound, [.. NastyJson.Select(Encoding.UTF8.GetBytes)], "\"name\": ", "\"sources\": [{\"uri\": \"x\"}]", "\"steps\": 1.5", "\"evaluation\": {"), Fuzz.Cases(2_000), file => Take(Encoding.UTF8.GetString(file)));
        Assert.InRange(taken, 1, Fuzz.Cases(2_000) / 2);

        static bool Take(string json)
        {
            try
            {
                // What is read is written and read again.
                _ = RunFile.Parse(RunFile.Parse(json).ToJson());
                return true;
            }
            catch (RunException refusal)
            {
                Assert.Equal(ExitClass.ConfigurationError, refusal.ExitClass);
                Assert.DoesNotContain(refusal.Message, char.IsControl);
                return false;
            }
        }
    }

    [Fact]
    public void Any_last_words_are_understood_or_passed_over()
    {
        byte[][] sound = [Encoding.UTF8.GetBytes(new TerminationMessage { Class = ExitClass.Diverged, Step = 3, Checkpoint = "/run/step-2", Message = "loss NaN" }.ToJson())];
        _ = Fuzz.Feed(new(sound, [.. NastyJson.Select(Encoding.UTF8.GetBytes)], "\"class\":", "\"code\":", "\"lastCheckpoint\":{"), Fuzz.Cases(2_000), file => TerminationMessage.TryParse(Encoding.UTF8.GetString(file)) is { } message && message.ToJson().Length > 0);
    }
}
