using System.Text.Json.Nodes;
using CsCheck;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Api.Tests.Plans;

public sealed class RunFileTests
{
    [Fact]
    public void A_run_file_reads_back_as_it_was_written()
    {
        var json = Samples.RunFile().ToJson();
        Assert.Equal(json, RunFile.Parse(json).ToJson());
    }

    [Fact]
    public void Any_text_and_number_survives_the_round_trip() =>
        Gen.Select(Gen.String, Gen.Double[1e-300, 1], Gen.Long[0, 9_007_199_254_740_991], Gen.Int[1, 10_000_000]).Sample((text, number, seed, steps) =>
        {
            // A lone surrogate has no UTF-8: it cannot stand in a file.
            text = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
            var file = Samples.RunFile(s => s with
            {
                Optimizer = new OptimizerOptions { LearningRate = number },
                Training = s.Training with { Seed = seed, Steps = steps },
            }) with { Name = text };
            var read = RunFile.Parse(file.ToJson());
            Assert.Equal((text, number, seed, steps), (read.Name, read.Optimizer.LearningRate, read.Training.Seed, read.Training.Steps));
            Assert.Equal(file.Fingerprint, read.Fingerprint);
        });

    [Fact]
    public void Keys_are_camel_case_enums_are_words_and_the_order_is_that_of_the_type()
    {
        var json = JsonNode.Parse(Samples.RunFile().ToJson())!.AsObject();
        Assert.Equal(
            ["name", "runId", "stage", "preset", "model", "data", "training", "adapter", "optimizer", "checkpoints", "output", "evaluation", "storage"],
            json.Select(p => p.Key));
        Assert.Equal("prepare", (string?)json["stage"]);
        Assert.Equal("sd15", (string?)json["model"]!["family"]);
        Assert.Equal("pickapic", (string?)json["data"]!["sources"]![0]!["format"]);
    }

    [Fact]
    public void A_resolved_run_file_leaves_no_member_open()
    {
        var json = JsonNode.Parse(Samples.RunFile().ToJson())!.AsObject();
        foreach (var section in json.Where(p => p.Value is JsonObject).ToList())
        {
            foreach (var member in section.Value!.AsObject().Select(p => p.Key).ToList())
            {
                var copy = JsonNode.Parse(json.ToJsonString())!.AsObject();
                copy[section.Key]!.AsObject().Remove(member);
                var path = $"{section.Key}.{member}";
                Assert.Contains($"{path}: is required", Refusal(copy));
                copy[section.Key]![member] = null;
                Assert.Contains($"{path}: is empty", Refusal(copy));
            }
        }
    }

    [Fact]
    public void Every_problem_of_a_run_file_is_named_at_once()
    {
        var json = JsonNode.Parse(Samples.RunFile().ToJson())!.AsObject();
        json.Remove("name");
        json["stage"] = "trian";
        json["training"]!["stepz"] = 3;
        json["data"]!["sources"]![0]!["uri"] = 4;
        json["optimizer"]!["learningRate"] = "fast";
        var message = Refusal(json);
        Assert.Contains("name: is required", message);
        Assert.Contains("stage: 'trian' is not known — use one of prepare, train, export; did you mean train?", message);
        Assert.Contains("training.stepz: is not a known key — did you mean steps?", message);
        Assert.Contains("data.sources[0].uri: must be a text", message);
        Assert.Contains("optimizer.learningRate: must be a number", message);
        Assert.DoesNotContain('\n', message);
    }

    /// <summary>A run file may be written by hand or by another version: what the CRD would refuse must not reach the trainer.</summary>
    [Fact]
    public void Every_value_out_of_bounds_is_named_at_once()
    {
        var json = JsonNode.Parse(Samples.RunFile().ToJson())!.AsObject();
        json["training"]!["steps"] = 0;
        json["optimizer"]!["learningRate"] = 2;
        var message = Refusal(json);
        Assert.Contains("training.steps: 0 is too small — at least 1", message);
        Assert.Contains("optimizer.learningRate: 2 is too large — at most 1", message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{\"name\": \"a\", \"name\": \"b\"}")]
    public void What_is_no_run_file_is_refused(string json) =>
        Assert.Equal(ExitClass.ConfigurationError, Assert.Throws<RunException>(() => RunFile.Parse(json)).ExitClass);

    [Fact]
    public void A_key_given_twice_is_refused()
    {
        var json = Samples.RunFile().ToJson().Replace("\"name\":", "\"name\": \"x\", \"name\":", StringComparison.Ordinal);
        Assert.Contains("name: is given twice", Assert.Throws<RunException>(() => RunFile.Parse(json)).Message);
    }

    private static string Refusal(JsonObject json) => Assert.Throws<RunException>(() => RunFile.Parse(json.ToJsonString())).Message;
}
