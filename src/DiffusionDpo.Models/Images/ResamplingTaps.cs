namespace DiffusionDpo.Models.Images;

/// <summary>Which input samples make each output sample of a line, and with what weights; they add up to 1.</summary>
internal sealed class ResamplingTaps
{
    private const double InterpolationSharpness = -0.75; // a of PyTorch's bicubic interpolation, which is not PIL's
    private const int InterpolationTaps = 4;

    private readonly int[] first;
    private readonly int[] counts;
    private readonly double[] weights;
    private readonly int perOutput;

    private ResamplingTaps(int outputs, int perOutput)
    {
        (first, counts, weights) = (new int[outputs], new int[outputs], new double[outputs * perOutput]);
        this.perOutput = perOutput;
    }

    /// <summary>Number of outputs.</summary>
    public int Outputs => first.Length;

    /// <summary>The first input of an output.</summary>
    public int First(int output) => first[output];

    /// <summary>The weights of an output's inputs, from <see cref="First"/> on.</summary>
    public ReadOnlySpan<double> Of(int output) => weights.AsSpan(output * perOutput, counts[output]);

    /// <summary>A filter as wide as the reduction; what would lie outside is left out.</summary>
    public static ResamplingTaps Antialiased(ResamplingKernel kernel, int inputs, int outputs)
    {
        double scale = (double)inputs / outputs, stretch = Math.Max(scale, 1);
        double support = kernel.Support * stretch; // half the width of the filter, in input samples
        ResamplingTaps taps = new(outputs, ((int)Math.Ceiling(support) * 2) + 1);
        for (int output = 0; output < outputs; output++)
        {
            double center = (output + 0.5) * scale;
            int begin = Math.Max(0, (int)(center - support + 0.5));
            int count = Math.Min(inputs, (int)(center + support + 0.5)) - begin;
            (taps.first[output], taps.counts[output]) = (begin, count);
            Span<double> own = taps.weights.AsSpan(output * taps.perOutput, count);
            for (int i = 0; i < count; i++) own[i] = kernel.Weight((begin + i - center + 0.5) * (1 / stretch));
            Normalize(own);
        }

        return taps;
    }

    /// <summary>Bicubic interpolation between the four nearest samples, whatever the reduction; the outermost sample goes on beyond the border.</summary>
    public static ResamplingTaps Interpolating(int inputs, int outputs)
    {
        double scale = (double)inputs / outputs;
        ResamplingTaps taps = new(outputs, InterpolationTaps);
        for (int output = 0; output < outputs; output++)
        {
            double at = ((output + 0.5) * scale) - 0.5;
            int nearest = (int)Math.Floor(at), begin = Math.Clamp(nearest - 1, 0, inputs - 1), end = Math.Clamp(nearest + 2, 0, inputs - 1);
            (taps.first[output], taps.counts[output]) = (begin, end - begin + 1);
            for (int i = nearest - 1; i <= nearest + 2; i++)
                taps.weights[(output * InterpolationTaps) + Math.Clamp(i, 0, inputs - 1) - begin] += ResamplingKernel.KeysCubic(at - i, InterpolationSharpness);
        }

        return taps;
    }

    private static void Normalize(Span<double> weights)
    {
        double total = 0;
        foreach (double weight in weights) total += weight;
        for (int i = 0; i < weights.Length; i++) weights[i] /= total;
    }
}
