namespace Benchmarks.Preparing;

/// <summary>What was measured of the stage Prepare with the encoders of SD1.5.</summary>
/// <param name="Images">Images encoded.</param>
/// <param name="Prompts">Prompts encoded.</param>
/// <param name="Seconds">From the first image or prompt to the last.</param>
/// <param name="AutoencoderSeconds">Of them in the autoencoder.</param>
/// <param name="TextSeconds">Of them in the text encoder.</param>
/// <param name="AllSeconds">The whole stage, without loading the program.</param>
internal sealed record EncodingFigures(long Images, long Prompts, double Seconds, double AutoencoderSeconds, double TextSeconds, double AllSeconds);

/// <summary>What was measured of reading what was prepared.</summary>
/// <param name="Place">Where it was read from.</param>
/// <param name="PairsPerCpuSecond">Pairs of the loader per second of processor time of the whole process.</param>
/// <param name="PairsPerSecond">The same by the wall clock.</param>
/// <param name="BytesPerPair">Bytes of a pair.</param>
/// <param name="TensorsPerCpuSecond">Pairs made tensors: read, latents and noise drawn, noise added; per second of processor time.</param>
internal sealed record StreamFigures(string Place, double PairsPerCpuSecond, double PairsPerSecond, double BytesPerPair, double TensorsPerCpuSecond);

/// <summary>What was measured of training steps on prepared pairs, after the first step.</summary>
/// <param name="Steps">How many.</param>
/// <param name="StepSeconds">Mean time of a step.</param>
/// <param name="WaitShare">Share of it that waits for pairs.</param>
/// <param name="EncodeShare">Share of it in which latents and noise are drawn.</param>
internal sealed record StepFigures(int Steps, double StepSeconds, double WaitShare, double EncodeShare);

/// <summary>All of it.</summary>
internal sealed record PreparedFigures(EncodingFigures Encoding, IReadOnlyList<StreamFigures> Streams, StepFigures Training)
{
    /// <summary>The table in Markdown.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine("| | | limit |");
        output.WriteLine("|---|---|---|");
        Row("Prepare, autoencoder and text encoder of SD1.5, 512², fp32: images per second", $"{Encoding.Images / Encoding.Seconds:F2}", "");
        Row($"share of the autoencoder ({Encoding.Images} images), of the text encoder ({Encoding.Prompts} prompts)", $"{Share(Encoding.AutoencoderSeconds)}, {Share(Encoding.TextSeconds)}", "");
        Row("the whole stage, with looking at images and writing", $"{Encoding.AllSeconds:F1} s, of them encoding {Encoding.Seconds:F1} s", "");
        foreach (StreamFigures stream in Streams)
        {
            Row($"prepared pairs of SD1.5's size from {stream.Place}, {stream.BytesPerPair / 1024:F0} KiB each: pairs per second of processor time (and of the clock)", $"{stream.PairsPerCpuSecond:F0} ({stream.PairsPerSecond:F0})", "≥ 200");
            Row("the same with latents and noise drawn", $"{stream.TensorsPerCpuSecond:F0}", "");
        }

        Row($"{Training.Steps} training steps of one pair, {Training.StepSeconds:F2} s each: share that waits for pairs", $"{100 * Training.WaitShare:F2} %", "≤ 1 %");
        Row("share in which latents and noise are drawn", $"{100 * Training.EncodeShare:F2} %", "");

        string Share(double seconds) => $"{100 * seconds / Encoding.Seconds:F1} %";
        void Row(string what, string figure, string limit) => output.WriteLine($"| {what} | {figure} | {limit} |");
    }
}
