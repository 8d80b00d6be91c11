using System.Runtime.CompilerServices;

namespace DiffusionDpo.Data.Randomness;

/// <summary>
/// Philox4x32-10: a bijection of a 128-bit counter under a 64-bit key whose outputs are independent uniform words
/// (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC'11). Integer arithmetic only,
/// therefore the same on every platform.
/// </summary>
public static class Philox4x32
{
    private const int Rounds = 10;
    private const uint MultiplierA = 0xD2511F53;
    private const uint MultiplierB = 0xCD9E8D57;
    private const uint WeylA = 0x9E3779B9;
    private const uint WeylB = 0xBB67AE85;

    /// <summary>The block of four uniform 32-bit words at a counter.</summary>
    /// <param name="counter">Which block.</param>
    /// <param name="key">Which of the 2⁶⁴ generators.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PhiloxBlock Block(PhiloxBlock counter, (uint A, uint B) key)
    {
        var (c0, c1, c2, c3) = counter;
        var (k0, k1) = key;
        for (var round = 0; round < Rounds; round++)
        {
            var productA = (ulong)MultiplierA * c0;
            var productB = (ulong)MultiplierB * c2;
            c0 = (uint)(productB >> 32) ^ c1 ^ k0;
            c1 = (uint)productB;
            c2 = (uint)(productA >> 32) ^ c3 ^ k1;
            c3 = (uint)productA;
            k0 += WeylA;
            k1 += WeylB;
        }

        return new PhiloxBlock(c0, c1, c2, c3);
    }
}

/// <summary>Four 32-bit words: a counter of <see cref="Philox4x32"/>, or what it makes of one.</summary>
/// <param name="W0">Word 0.</param>
/// <param name="W1">Word 1.</param>
/// <param name="W2">Word 2.</param>
/// <param name="W3">Word 3.</param>
public readonly record struct PhiloxBlock(uint W0, uint W1, uint W2, uint W3);
