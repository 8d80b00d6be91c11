namespace DiffusionDpo.Data.Randomness;

/// <summary>
/// The inverse of the standard normal distribution function by rational approximations (Wichura 1988, algorithm AS 241, double
/// precision branch: relative error about 1e-16). Only +, −, ×, ÷ and √ are used, which IEEE 754 rounds exactly, with an own logarithm:
/// the result has the same bits on every platform and with every C library.
/// </summary>
public static class NormalQuantile
{
    private const double CentralHalfWidth = 0.425;
    private const double TailSplit = 5;
    private const double Ln2High = 0.693147180369123816490; // 32 bits, so that a product with an exponent is exact
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>The normal number that 32 uniform bits stand for: the quantile at (bits + ½)·2⁻³². Symmetric about 0, never infinite.</summary>
    /// <param name="bits">Uniform bits.</param>
    public static float OfBits(uint bits) => (float)Of((bits + 0.5) * (1.0 / 4294967296.0));

    /// <summary>The z with Φ(z) = <paramref name="probability"/>.</summary>
    /// <param name="probability">In (0, 1).</param>
    public static double Of(double probability)
    {
        var q = probability - 0.5;
        if (q >= -CentralHalfWidth && q <= CentralHalfWidth)
            return Central(q);
        var tail = Tail(q < 0 ? probability : 1 - probability);
        return q < 0 ? -tail : tail;
    }

    private static double Central(double q)
    {
        var r = (CentralHalfWidth * CentralHalfWidth) - (q * q);
        var above = (((((((((((((2509.0809287301226727 * r) + 33430.575583588128105) * r) + 67265.770927008700853) * r)
            + 45921.953931549871457) * r) + 13731.693765509461125) * r) + 1971.5909503065514427) * r) + 133.14166789178437745) * r)
            + 3.3871328727963666080;
        var below = (((((((((((((5226.4952788528545610 * r) + 28729.085735721942674) * r) + 39307.895800092710610) * r)
            + 21213.794301586595867) * r) + 5394.1960214247511077) * r) + 687.18700749205790830) * r) + 42.313330701600911252) * r) + 1;
        return q * above / below;
    }

    private static double Tail(double probability)
    {
        var r = Math.Sqrt(-Log(probability));
        return r <= TailSplit ? NearTail(r - 1.6) : FarTail(r - TailSplit);
    }

    private static double NearTail(double r)
    {
        var above = (((((((((((((7.74545014278341407640e-4 * r) + 0.0227238449892691845833) * r) + 0.241780725177450611770) * r)
            + 1.27045825245236838258) * r) + 3.64784832476320460504) * r) + 5.76949722146069140550) * r) + 4.63033784615654529590) * r)
            + 1.42343711074968357734;
        var below = (((((((((((((1.05075007164441684324e-9 * r) + 5.47593808499534494600e-4) * r) + 0.0151986665636164571966) * r)
            + 0.148103976427480074590) * r) + 0.689767334985100004550) * r) + 1.67638483018380384940) * r) + 2.05319162663775882187) * r) + 1;
        return above / below;
    }

    private static double FarTail(double r)
    {
        var above = (((((((((((((2.01033439929228813265e-7 * r) + 2.71155556874348757815e-5) * r) + 0.00124266094738807843860) * r)
            + 0.0265321895265761230930) * r) + 0.296560571828504891230) * r) + 1.78482653991729133580) * r) + 5.46378491116411436990) * r)
            + 6.65790464350110377720;
        var below = (((((((((((((2.04426310338993978564e-15 * r) + 1.42151175831644588870e-7) * r) + 1.84631831751005468180e-5) * r)
            + 7.86869131145613259100e-4) * r) + 0.0148753612908506148525) * r) + 0.136929880922735805310) * r) + 0.599832206555887937690) * r) + 1;
        return above / below;
    }

    /// <summary>ln of a normal positive number: ln 2 times its exponent plus 2·atanh(s) of its mantissa in [√½, √2), s = (m − 1)/(m + 1).</summary>
    private static double Log(double x)
    {
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var s2 = s * s;
        var series = 0.0;
        for (var power = 21; power >= 3; power -= 2) // |s| < 0.172: the first term left out is below 2e-19
            series = (series + (1.0 / power)) * s2;
        return (exponent * Ln2High) + ((exponent * Ln2Low) + (2 * (s + (s * series))));
    }
}
