using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.TextEncoders;
using DiffusionDpo.Models.UNets;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>The layouts' names and shapes against the networks of this program, for every published family.</summary>
public sealed class NetworkNamesTests
{
    // How attention computes in half precision; no matter of names.
    private const string ComputeOnly = "upcast_attention";

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

    private static nn.Module Build(string component, JsonElement published)
    {
        JsonObject config = JsonNode.Parse(published.GetRawText())!.AsObject();
        config.Remove(ComputeOnly);
        string json = config.ToJsonString();
        return component switch
        {
            "unet" => new UNet2DConditionModel(UNetConfig.FromJson(json, component), META),
            "vae" => new AutoencoderKL(AutoencoderConfig.FromJson(json, component), META),
            _ => new ClipTextModel(ClipTextConfig.FromJson(json, component), META),
        };
    }
}
