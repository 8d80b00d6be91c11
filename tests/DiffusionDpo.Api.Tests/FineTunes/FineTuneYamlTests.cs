using System.Text;
using CsCheck;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Tests.FineTunes;

public sealed class FineTuneYamlTests : IDisposable
{
    private const string Minimal = """
        apiVersion: diffusiondpo.io/v1alpha1
        kind: DpoFineTune
        metadata:
          name: first
        spec:
          model:
            source: models/sd15
          data:
            sources:
              - uri: pairs
            heldOut:
              - uri: ../test
          output:
            uri: s3://runs/first
        """;

    private static readonly string[] Fragments = ["- ", ": ", "\n", "&a ", "*a", "{", "]", "!!int ", "null", "9e999", "\0", "? "];

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void Relative_paths_are_relative_to_the_files_own_directory()
    {
        var spec = FineTuneYaml.ReadFile(Write("run.yaml", Minimal + "\n  checkpoints:\n    uri: ./saved")).OrThrow().Spec;
        Assert.Equal(Path.Combine(directory.FullName, "models/sd15"), spec.Model.Source);
        Assert.Equal(Path.Combine(directory.FullName, "pairs"), spec.Data.Sources[0].Uri);
        Assert.Equal(Path.Combine(directory.Parent!.FullName, "test"), spec.Data.HeldOut[0].Uri);
        Assert.Equal(Path.Combine(directory.FullName, "saved"), spec.Checkpoints.Uri);
        Assert.Equal("s3://runs/first", spec.Output.Uri);
    }

    [Fact]
    public void What_is_not_given_has_its_default()
    {
        var spec = Read(Minimal).OrThrow().Spec;
        Assert.Equal(PresetName.Recommended, spec.Preset);
        Assert.Equal(("1", false, 1, 100), (spec.RunId, spec.Suspend, spec.Training.MicroBatch, spec.Checkpoints.EverySteps));
        Assert.Null(spec.Training.Steps);
        Assert.Null(spec.Cleanup);
    }

    [Fact]
    public void Every_section_of_the_full_manifest_arrives()
    {
        var spec = FineTuneYaml.ReadFile(Repository.Path("tests", "manifests", "good", "full.yaml")).OrThrow().Spec;
        Assert.Equal((PresetName.Paper, CropMode.Random, 0.2), (spec.Preset, spec.Data.Crop, spec.Data.EmptyPromptProportion));
        Assert.Equal((2000.0, 7L, ComputeDevice.Cuda), (spec.Training.Objective.Beta, spec.Training.Seed, spec.Training.Device));
        Assert.Equal((AdapterType.Lora, 1e-5, Precision.BFloat16), (spec.Adapter.Type, spec.Optimizer.LearningRate, spec.Output.Precision));
        Assert.Equal(["to_q", "to_v"], spec.Adapter.Targets);
        Assert.Equal((2, 1, 4, 8), (spec.Workers.Count, spec.Workers.Min, spec.Workers.Max, spec.Workers.GpusPerWorker));
        Assert.Equal("64Gi", spec.Workers.Resources!.Requests["memory"].ToString());
        Assert.Equal("Exists", spec.Workers.Tolerations[0].OperatorProperty);
        Assert.Equal("kubernetes.io/hostname", spec.Workers.Affinity!.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution[0].PodAffinityTerm.TopologyKey);
        Assert.Equal("eu-central-1", spec.Workers.Env["AWS_REGION"]);
        Assert.Equal((1, false, 1), (spec.RetryPolicy.MaxRestarts, spec.RetryPolicy.ResetAfterProgress, spec.RetryPolicy.Backoff.MaxSeconds));
        Assert.Equal(("2", true, 86400, 0), (spec.RunId, spec.Suspend, spec.ActiveDeadlineSeconds, spec.TtlSecondsAfterFinished));
        Assert.Equal((ReadyWhen.Complete, true), (spec.GitOps.ReadyWhen, spec.Cleanup!.DeleteOutput));
    }

    [Fact]
    public void What_the_api_server_added_does_not_disturb() => Assert.Empty(Read(Minimal.Replace("  name: first", """
          name: first
          namespace: default
          uid: 1b4e28ba-2fa1-11d2-883f-0016d3cca427
          resourceVersion: "17"
          generation: 2
          creationTimestamp: 2026-01-31T12:00:00Z
          labels:
            app.kubernetes.io/name: x
          managedFields:
            - manager: kubectl
              fieldsV1:
                f:spec: {}
        """, StringComparison.Ordinal) + "\nstatus:\n  phase: Running\n  progress:\n    step: 1\n    totalSteps: 2\n    updatedAt: 2026-01-31T12:00:00Z").Describe());

    [Fact]
    public void A_message_names_file_line_column_path_and_remedy() => Assert.Equal(
        ["run.yaml:15:13: spec.training: must be a map or a list, but 'fast' is a text — correct the value"],
        Read(Minimal + "\n  training: fast").Describe());

    [Fact]
    public void Errors_become_one_failure_of_the_configuration()
    {
        var failure = Assert.Throws<RunException>(() => Read("kind: Pod").OrThrow());
        Assert.Equal(ExitClass.ConfigurationError, failure.ExitClass);
        Assert.Contains("run.yaml:1:7: kind: is 'Pod'", failure.Message);
    }

    [Fact]
    public void An_alias_repeats_its_anchor() =>
        Assert.Equal("/models/sd15", Read(Minimal.Replace("source: models/sd15", "source: &m /models/sd15", StringComparison.Ordinal)
            .Replace("uri: pairs", "uri: *m", StringComparison.Ordinal)).OrThrow().Spec.Data.Sources[0].Uri);

    [Fact]
    public void A_bomb_of_aliases_is_refused_at_once()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        Assert.Contains("has too much in it", Assert.Single(Read(bomb.ToString()).Errors).Message);
    }

    [Theory]
    [InlineData("a: *missing", "there is no anchor missing")]
    [InlineData("a: &a [*a]", "there is no anchor a")]
    [InlineData("a: !!binary xyz", "the tag tag:yaml.org,2002:binary is not supported")]
    [InlineData("? [a, b]\n: c", "is a key that is a list or a map")]
    [InlineData("a: 'open", "is not YAML here")]
    public void Oddities_of_yaml_are_named(string text, string message) => Assert.Contains(message, Read(text).Errors[0].Message);

    [Fact]
    public void Too_deep_a_document_is_refused() => Assert.Contains("levels", Read(new string('[', 5000)).Errors[0].Message);

    [Theory]
    [InlineData("yes")]
    [InlineData("ON")]
    [InlineData("012")]
    [InlineData("0x1F")]
    [InlineData("1_000")]
    [InlineData(".inf")]
    [InlineData("-.5e3")]
    [InlineData("null")]
    public void A_text_that_some_reader_takes_for_something_else_needs_quotes(string word)
    {
        Assert.Single(Read(Minimal + $"\n  runId: {word}").Errors);
        Assert.DoesNotContain(Read(Minimal + $"\n  runId: '{word}'").Errors, e => e.Message.Contains("must be a text", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_missing_input() =>
        Assert.Equal(ExitClass.InputMissing, Assert.Throws<RunException>(() => FineTuneYaml.ReadFile(Path.Combine(directory.FullName, "none.yaml"))).ExitClass);

    [Fact]
    public void A_directory_is_a_missing_input() =>
        Assert.Equal(ExitClass.InputMissing, Assert.Throws<RunException>(() => FineTuneYaml.ReadFile(directory.FullName)).ExitClass);

    [Fact]
    public void A_file_that_is_no_text_is_refused()
    {
        var path = Write("run.yaml", "");
        File.WriteAllBytes(path, [0x61, 0x3A, 0xFF, 0xFE]);
        Assert.Contains("is not UTF-8 text", Assert.Single(FineTuneYaml.ReadFile(path).Errors).Message);
    }

    [Fact]
    public void A_file_beyond_a_mebibyte_is_refused_unread() =>
        Assert.Contains("bytes", Assert.Single(FineTuneYaml.ReadFile(Write("run.yaml", new string('#', (1 << 20) + 1))).Errors).Message);

    [Fact]
    public void Any_text_is_read_without_harm() => Gen.String.Sample(text => Either(Read(text)), iter: 1000);

    [Fact]
    public void Any_change_of_a_manifest_is_read_without_harm() =>
        Gen.Select(Gen.Int[0, Minimal.Length - 1], Gen.Int[0, 12], Gen.OneOf(Gen.String[0, 6], Gen.Int[0, Fragments.Length - 1].Select(i => Fragments[i])))
            .Sample((at, cut, put) => Either(Read(Minimal.Remove(at, Math.Min(cut, Minimal.Length - at)).Insert(at, put))), iter: 3000);

    private static bool Either(FineTuneReading reading) => (reading.FineTune is null) == (reading.Errors.Count > 0) && reading.Describe().All(m => !m.Contains('\n'));

    private static FineTuneReading Read(string text) => FineTuneYaml.Read(text, "run.yaml", "/d");

    private string Write(string name, string text)
    {
        var path = Path.Combine(directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
