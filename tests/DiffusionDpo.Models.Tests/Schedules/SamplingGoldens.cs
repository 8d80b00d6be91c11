using System.Text.Json;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Models.Tests.Schedules;

/// <summary>The recorded sampling runs: every entry of every schedulers/FAMILY_sampling.json.</summary>
internal static class SamplingGoldens
{
    private const string Suffix = "_sampling.json";

    public static TheoryData<string, string> Trajectories
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string file in Goldens.Files($"*{Suffix}", "schedulers"))
            {
                string family = Path.GetFileName(file)[..^Suffix.Length];
                using JsonDocument document = Goldens.Json("schedulers", family + Suffix);
                foreach (JsonProperty trajectory in document.RootElement.EnumerateObject()) cases.Add(family, trajectory.Name);
            }

            return cases;
        }
    }

    public static JsonElement Settings(string family, string name)
    {
        using JsonDocument document = Goldens.Json("schedulers", family + Suffix);
        return document.RootElement.GetProperty(name).Clone();
    }

    public static SafetensorsFile Open(string family, string name) => Goldens.Open("schedulers", $"{family}_{name}.safetensors");
}
