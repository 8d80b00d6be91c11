using System.Globalization;

namespace DiffusionDpo.Cli.Tests.Reports;

/// <summary>Lines of a run's log.</summary>
internal static class LogLines
{
    private const string Time = "\"time\":\"2026-11-24T20:00:00Z\"";

    public static string Step(int step, double loss = 0.65, double accuracy = 0.7, double margin = 0.2, double winners = 0.0001, double losers = 0.001, double reference = 0.1) =>
        $"{{{Time},\"event\":\"step\",\"step\":{step},\"totalSteps\":100,\"loss\":{Json(loss)},\"implicitAccuracy\":{Json(accuracy)},\"rewardMargin\":{Json(margin)},"
        + $"\"winnerErrorExcess\":{Json(winners)},\"loserErrorExcess\":{Json(losers)},\"referenceError\":{Json(reference)},\"gradNorm\":1.5,\"learningRate\":1e-5,"
        + "\"pairsPerSecond\":20,\"etaSeconds\":5,\"phaseSeconds\":{\"data\":0.01,\"policyForward\":0.6}}";

    public static string SftStep(int step, double loss) =>
        $"{{{Time},\"event\":\"step\",\"step\":{step},\"totalSteps\":100,\"loss\":{Json(loss)},\"implicitAccuracy\":null,\"rewardMargin\":null,\"winnerErrorExcess\":null,"
        + "\"loserErrorExcess\":null,\"referenceError\":null,\"gradNorm\":1.5,\"learningRate\":1e-5,\"pairsPerSecond\":20,\"phaseSeconds\":{\"policyForward\":0.3}}";

    public static string MapoStep(int step, double loss = 0.25, double accuracy = 0.6, double margin = 12) =>
        $"{{{Time},\"event\":\"step\",\"step\":{step},\"totalSteps\":100,\"loss\":{Json(loss)},\"implicitAccuracy\":{Json(accuracy)},\"rewardMargin\":{Json(margin)},\"winnerErrorExcess\":null,"
        + "\"loserErrorExcess\":null,\"referenceError\":null,\"gradNorm\":1.5,\"learningRate\":1e-5,\"pairsPerSecond\":20,\"phaseSeconds\":{\"policyForward\":0.3}}";

    public static string HeldOut(int step, double accuracy, double lower, double upper, int pairs = 200) =>
        $"{{{Time},\"event\":\"held-out\",\"step\":{step},\"pairs\":{pairs},\"accuracy\":{Json(accuracy)},\"lower\":{Json(lower)},\"upper\":{Json(upper)}}}";

    public static string Event(string name, string message = "") => $"{{{Time},\"event\":\"{name}\",\"message\":\"{message}\"}}";

    /// <summary>A hundred steps of a run that is well.</summary>
    public static IEnumerable<string> Well() => [HeldOut(0, 0.5, 0.5, 0.5), .. Enumerable.Range(1, 100).Select(step => Step(step)), HeldOut(100, 0.7, 0.65, 0.75)];

    /// <summary>As the log writes what JSON has no number for.</summary>
    private static string Json(double value) => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : $"\"{value.ToString(CultureInfo.InvariantCulture)}\"";
}
