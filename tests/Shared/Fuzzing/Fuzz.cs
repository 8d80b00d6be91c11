namespace DiffusionDpo.Shared.Fuzzing;

/// <summary>Feeds mutants to a reader: it takes them or refuses them as it promises, and allocates no more than their size allows.</summary>
internal static class Fuzz
{
    /// <summary>What a reader may allocate whatever it is given, in bytes.</summary>
    private const long Allowance = 16 << 20;

    /// <summary>What it may allocate besides, for each byte that it is given.</summary>
    private const long PerByte = 1_000;

    /// <summary>So many of each reader's mutants; a hundred times as many where there is time.</summary>
    public static int Cases(int ordinary) => Environment.GetEnvironmentVariable("DDPO_LONG") == "1" ? 100 * ordinary : ordinary;

    /// <summary>Feeds mutants to a reader on this thread.</summary>
    /// <param name="mutants">The files.</param>
    /// <param name="cases">How many of them.</param>
    /// <param name="isTaken">Reads one; false where it is refused as documented. Any other exception is a finding.</param>
    /// <returns>How many were taken.</returns>
    public static int Feed(Mutants mutants, int cases, Func<byte[], bool> isTaken)
    {
        int taken = 0;
        for (int number = 0; number < cases; number++)
            if (One(mutants.Of(number), $"case {number}", isTaken)) taken++;
        Xunit.TestContext.Current.TestOutputHelper?.WriteLine($"{taken} of {cases} taken");
        return taken;
    }

    /// <summary>Feeds one file.</summary>
    public static bool One(byte[] file, string name, Func<byte[], bool> isTaken)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool taken;
        try
        {
            taken = isTaken(file);
        }
        catch (Exception finding)
        {
            throw new InvalidOperationException($"{name}, {file.Length} bytes, {Convert.ToBase64String(file.AsSpan(0, Math.Min(file.Length, 1_000)))}: {finding.GetType()}: {finding.Message}", finding);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Xunit.Assert.True(allocated <= Allowance + (PerByte * file.Length), $"{name}: {file.Length} bytes made the reader allocate {allocated}");
        return taken;
    }
}
