using DiffusionDpo.Models.UNets;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

[Trait("Category", "Parity")]
public sealed class UNetParityTests : IDisposable
{
    private static readonly string[] Encoded = ["timesteps", "time_ids"];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGradient = no_grad();

    public static TheoryData<string, string> Cases => GoldenPipeline.Cases("unet", submodules: false);

    public static TheoryData<string, string> SubmoduleCases => GoldenPipeline.Cases("unet", submodules: true);

    public void Dispose()
    {
        noGradient.Dispose();
        scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Predictions_are_those_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        using UNet2DConditionModel network = GoldenPipeline.UNet(tag);
        Expect.Prediction(file, network.call(golden["sample"], golden["timesteps"], GoldenPipeline.Conditioning(golden)), golden["output"]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Predictions_in_float64_are_those_of_the_reference(string tag, string file)
    {
        Dictionary<string, Tensor> golden = GoldenPipeline.Activations(tag, file);
        using UNet2DConditionModel network = GoldenPipeline.UNet(tag);
        network.to(ScalarType.Float64);
        Tensor Predict() => network.call(golden["sample"].@double(), golden["timesteps"], GoldenPipeline.Conditioning(golden, ScalarType.Float64));
        double slack = 0;
        if (RecordedEncodings(tag, golden) is { } recorded) TimeEncoding.Use(network, recorded);
        else slack = TimeEncoding.Sensitivity(network, Predict);
        Expect.Float64(file, Predict(), golden["output_f64"], slack);
    }

    [Theory]
    [MemberData(nameof(SubmoduleCases))]
    public void Every_recorded_submodule_gives_what_the_reference_gives(string tag, string file)
    {
        Dictionary<string, Tensor> inputs = GoldenPipeline.Activations(tag, file.Replace("_submodules", "", StringComparison.Ordinal));
        using UNet2DConditionModel network = GoldenPipeline.UNet(tag);
        var recorder = new ActivationRecorder(network);
        network.call(inputs["sample"], inputs["timesteps"], GoldenPipeline.Conditioning(inputs));
        Expect.Activations(GoldenPipeline.Activations(tag, file), recorder.Outputs);
    }

    /// <summary>What the reference recorded of a run with these timesteps and sizes, if it did.</summary>
    private static Dictionary<string, Tensor>? RecordedEncodings(string tag, Dictionary<string, Tensor> inputs) => SubmoduleCases
        .Where(row => row.Data.Item1 == tag)
        .Where(row => Encoded.All(name => Same(GoldenPipeline.Activations(tag, row.Data.Item2.Replace("_submodules", "", StringComparison.Ordinal)), inputs, name)))
        .Select(row => GoldenPipeline.Activations(tag, row.Data.Item2))
        .FirstOrDefault();

    private static bool Same(Dictionary<string, Tensor> lefts, Dictionary<string, Tensor> rights, string name)
    {
        if (!lefts.TryGetValue(name, out Tensor? left) || !rights.TryGetValue(name, out Tensor? right)) return lefts.ContainsKey(name) == rights.ContainsKey(name);
        return left.shape.SequenceEqual(right.shape) && left.equal(right).all().item<bool>();
    }
}
