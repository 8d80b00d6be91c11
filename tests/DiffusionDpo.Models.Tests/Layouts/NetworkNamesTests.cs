using System.Text.Json;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Families;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>The layouts' names and shapes against the networks of this program, for every published family.</summary>
public sealed class NetworkNamesTests
{
    public static TheoryData<string, string> Networks =>
        [.. PublishedFamily.All.SelectMany(family => family.Layout.Networks.Select(network => (family.Name, network.Component)))];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Parameters_are_those_of_the_network(string family, string component)
    {
        PublishedFamily published = PublishedFamily.All.Single(each => each.Name == family);
        using nn.Module network = Build(component, published.Files[$"{component}/config.json"]);
        string[] expected = [.. network.state_dict().Select(each => $"{each.Key} [{string.Join(", ", each.Value.shape)}]").Order(StringComparer.Ordinal)];
        string[] actual = [.. published.Layout.Networks.Single(each => each.Component == component).Parameters
            .Select(each => $"{each.Name} [{string.Join(", ", each.Shape)}]").Order(StringComparer.Ordinal)];
        Assert.Equal(expected, actual);
    }

    /// <summary>Numbers that the models' authors and libraries state.</summary>
    [Theory]
    [InlineData("sd15", "unet", 859_520_964)]
    [InlineData("sd15", "text_encoder", 123_060_480)]
    [InlineData("sd21", "unet", 865_910_724)]
    [InlineData("sd21", "text_encoder", 340_387_840)]
    [InlineData("sd21", "vae", 83_653_863)]
    [InlineData("sdxl", "unet", 2_567_463_684)]
    [InlineData("sdxl", "text_encoder_2", 694_659_840)]
    [InlineData("sdxl-refiner", "text_encoder_2", 694_659_840)]
    [InlineData("sdxl-refiner", "vae", 83_653_863)]
    public void Networks_have_the_published_number_of_parameters(string family, string component, long parameters)
    {
        using nn.Module network = Build(component, PublishedFamily.All.Single(each => each.Name == family).Files[$"{component}/config.json"]);
        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    /// <summary>What a single file becomes is what the pipeline reads: family, schedule, and every sampler over it.</summary>
    [Theory]
    [InlineData("sd15", PredictionType.Epsilon)]
    [InlineData("sd21", PredictionType.VPrediction)]
    [InlineData("sdxl", PredictionType.Epsilon)]
    [InlineData("sdxl-refiner", PredictionType.Epsilon)]
    public void Published_schedules_are_read_by_every_sampler(string family, PredictionType predicts)
    {
        PublishedFamily published = PublishedFamily.All.Single(each => each.Name == family);
        using NoiseSchedule schedule = new(SchedulerConfig.FromJson(published.Files["scheduler/scheduler_config.json"].GetRawText(), family));
        Assert.Equal(predicts, schedule.Config.PredictionType);
        Assert.All(Samplers.Names, name => Assert.Equal(20, Samplers.Create(name, schedule, 20).Timesteps.Distinct().Count()));
        Family found = FamilyList.All.First(each =>
            each.PipelineClass == published.Files["model_index.json"].GetProperty("_class_name").GetString() && each.Predictions.Contains(predicts));
        Assert.Equal(family, found.Key);
    }

    private static nn.Module Build(string component, JsonElement published)
    {
        string json = published.GetRawText();
        return component switch
        {
            "unet" => new UNet2DConditionModel(UNetConfig.FromJson(json, component), META),
            "vae" => new AutoencoderKL(AutoencoderConfig.FromJson(json, component), META),
            _ => new ClipTextModel(ClipTextConfig.FromJson(json, component), META),
        };
    }
}
