using System.Text;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Sampling;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Reports;

/// <summary>The report of a run, made of what lies in its directory: of one that runs, one that was killed, one that is finished.</summary>
internal static class RunReport
{
    /// <summary>Its name.</summary>
    public const string Name = "report.html";

    private const int LargestAsPng = 128;

    /// <summary>Where a run's report is.</summary>
    /// <param name="runDirectory">The run's directory.</param>
    public static string PlaceIn(string runDirectory) => Path.Combine(runDirectory, Name);

    /// <summary>Writes the report into the run's directory.</summary>
    /// <param name="runDirectory">The run's directory.</param>
    /// <returns>The file.</returns>
    /// <exception cref="RunException">Input missing: there is no run. Storage error: it cannot be written.</exception>
    public static string Write(string runDirectory)
    {
        string place = PlaceIn(runDirectory);
        byte[] page = Encoding.UTF8.GetBytes(new ReportPage(Facts(runDirectory)).ToHtml());
        DurableFile.Write(place, stream => stream.Write(page));
        return place;
    }

    /// <summary>Writes the report as far as that is possible: a run does not end because of it.</summary>
    /// <param name="runDirectory">The run's directory.</param>
    /// <param name="display">Told what went wrong.</param>
    public static void Renew(string runDirectory, IRunDisplay display)
    {
        try
        {
            Write(runDirectory);
        }
        catch (Exception failure) when (failure is RunException or IOException or UnauthorizedAccessException or JsonException)
        {
            display.Show(Notice.Of("report-failed", $"{Name} was not written: {failure.Message}"));
        }
    }

    /// <summary>The report as it is now, as a page that keeps itself up to date.</summary>
    /// <param name="runDirectory">The run's directory.</param>
    /// <param name="period">After so much time.</param>
    public static string Live(string runDirectory, TimeSpan period) => new ReportPage(Facts(runDirectory)).ToHtml(new LivePage(period, PlaceIn(runDirectory)));

    /// <summary>What is known of a run.</summary>
    /// <param name="directory">Its directory on this machine.</param>
    /// <exception cref="RunException">Input missing: there is no run.</exception>
    public static RunFacts Facts(string directory)
    {
        string runFile = Path.Combine(directory, RunDirectory.RunFileName);
        if (!File.Exists(runFile)) throw new RunException(ExitClass.InputMissing, $"{directory} holds no run: there is no {RunDirectory.RunFileName}; give the output directory of a run");
        RunFile file = RunFile.Parse(File.ReadAllText(runFile));
        return new(file, RunLog.Read(Path.Combine(directory, RunDirectory.LogName)), Samples(SampleSheet.PlaceIn(directory)), Directory.Exists(Path.Combine(directory, "model")));
    }

    private static IReadOnlyList<SamplePair> Samples(string directory)
    {
        string list = Path.Combine(directory, SampleSheet.PromptsName);
        if (!File.Exists(list)) return [];
        string?[] prompts = JsonSerializer.Deserialize<string?[]>(File.ReadAllText(list)) ?? [];
        return [.. prompts.Select((prompt, index) => Embedded(index, isAfter: false) is { } before && Embedded(index, isAfter: true) is { } after ? new SamplePair(prompt ?? "", before, after) : null).OfType<SamplePair>()];

        string? Embedded(int index, bool isAfter) => DataUri(Path.Combine(directory, SampleSheet.NameOf(index, isAfter)));
    }

    // A page with sixteen large images as PNG is ten megabytes. An image that is gone or damaged costs no more than itself.
    private static string? DataUri(string path)
    {
        if (!File.Exists(path)) return null;
        byte[] png = File.ReadAllBytes(path);
        if (Decoded(png) is not { } image) return null;
        return image.Width <= LargestAsPng
            ? $"data:image/png;base64,{Convert.ToBase64String(png)}"
            : $"data:image/jpeg;base64,{Convert.ToBase64String(ImageEncoder.Jpeg(image, quality: 90))}";
    }

    private static RgbImage? Decoded(byte[] png)
    {
        try
        {
            return ImageDecoder.Decode(png);
        }
        catch (BadImageException)
        {
            return null;
        }
    }
}
