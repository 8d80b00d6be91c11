using System.Text.Json;
using System.Text.Json.Nodes;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.HeldOut;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What a run's log of events tells afterwards, over all processes that worked on the run.</summary>
/// <param name="HeldOutBefore">Held-out accuracy before the first step.</param>
/// <param name="HeldOutAfter">Held-out accuracy as last measured.</param>
internal sealed record RunLog(HeldOutAccuracy? HeldOutBefore, HeldOutAccuracy? HeldOutAfter)
{
    /// <summary>Reads a log.</summary>
    /// <param name="path">One JSON object per line; a killed process may have cut its last one.</param>
    public static RunLog Read(string path)
    {
        if (!File.Exists(path)) return new(null, null);
        HeldOutAccuracy[] measured = [.. File.ReadLines(path).Select(Measurement).OfType<HeldOutAccuracy>()];
        return new(measured.FirstOrDefault(one => one.Step == 0), measured.LastOrDefault(one => one.Step > 0));
    }

    private static HeldOutAccuracy? Measurement(string line)
    {
        try
        {
            JsonNode? node = JsonNode.Parse(line);
            if ((string?)node?["event"] != TrainingNotices.HeldOutEvent) return null;
            return new((int)node["step"]!, (int)node["pairs"]!, (double)node["accuracy"]!, (double)node["lower"]!, (double)node["upper"]!);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
