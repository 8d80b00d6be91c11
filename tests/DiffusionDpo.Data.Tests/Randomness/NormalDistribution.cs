namespace DiffusionDpo.Data.Tests.Randomness;

/// <summary>Φ by an independent route: the series around 0, the continued fraction in the tail.</summary>
internal static class NormalDistribution
{
    public static double Cdf(double z) => z switch
    {
        < -3 => UpperTail(-z),
        > 3 => 1 - UpperTail(z),
        _ => 0.5 + (Density(z) * Series(z)),
    };

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    private static double Series(double z)
    {
        double term = z, sum = z;
        for (var k = 1; k < 200; k++)
            sum += term *= z * z / ((2 * k) + 1);
        return sum;
    }

    private static double UpperTail(double z)
    {
        var fraction = z;
        for (var k = 400; k >= 1; k--)
            fraction = z + (k / fraction);
        return Density(z) / fraction;
    }
}
