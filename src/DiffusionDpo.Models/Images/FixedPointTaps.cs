namespace DiffusionDpo.Models.Images;

/// <summary>The taps of a resized line as PIL has them: integers, with the point before the last 22 bits.</summary>
internal sealed class FixedPointTaps
{
    /// <summary>Bits behind the point.</summary>
    public const int FractionBits = 22;

    private readonly int[] starts; // of each output's weights, and the end of the last
    private readonly int[] weights;

    private FixedPointTaps(int[] first, int[] starts, int[] weights)
    {
        First = first;
        this.starts = starts;
        this.weights = weights;
    }

    /// <summary>The first input of each output.</summary>
    public int[] First { get; }

    /// <summary>The weights of an output's inputs.</summary>
    public ReadOnlySpan<int> WeightsOf(int output) => weights.AsSpan(starts[output], starts[output + 1] - starts[output]);

    /// <summary>Rounds the exact weights, halves away from zero.</summary>
    public static FixedPointTaps Of(ResamplingKernel kernel, int inputs, int outputs)
    {
        ResamplingTaps exact = ResamplingTaps.Antialiased(kernel, inputs, outputs);
        int[] first = new int[outputs], starts = new int[outputs + 1];
        for (int output = 0; output < outputs; output++)
        {
            first[output] = exact.First(output);
            starts[output + 1] = starts[output] + exact.Of(output).Length;
        }

        int[] weights = new int[starts[outputs]];
        for (int output = 0, to = 0; output < outputs; output++)
            foreach (double weight in exact.Of(output)) weights[to++] = (int)((weight * (1 << FractionBits)) + (weight < 0 ? -0.5 : 0.5));
        return new(first, starts, weights);
    }
}
