using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Loading;

/// <summary>The identity of a network's weights, whatever files they are in.</summary>
public static class WeightsHash
{
    private const int Piece = 1 << 24;

    /// <summary>SHA-256 in lower-case hex over name, type, shape and bytes of every tensor, in the order of the names. Reads all of them.</summary>
    /// <param name="weights">The file or files.</param>
    public static string Of(Weights weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SafetensorsEntry entry in weights.Entries.Values.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\n{entry.Type}\n{string.Join(',', entry.Shape)}\n"));
            using DisposeScope scope = NewDisposeScope();
            Tensor bytes = TorchNative.ViewAs(weights.GetTensor(entry.Name).flatten(), ScalarType.Byte);
            for (long from = 0; from < bytes.numel(); from += Piece)
            {
                using Tensor piece = bytes.narrow(0, from, Math.Min(Piece, bytes.numel() - from));
                hash.AppendData(TorchNative.Bytes(piece));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
