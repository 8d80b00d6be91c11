using System.Security.Cryptography;
using System.Text;

namespace DiffusionDpo.Models.Loading;

/// <summary>The identity of a component's configurations and vocabularies. Weights have <see cref="WeightsHash"/>, which does not depend on how they are split into files.</summary>
public static class TextFilesHash
{
    /// <summary>SHA-256 in lower-case hex over names and contents of the files, in the order of the names.</summary>
    /// <param name="directory">The component's directory.</param>
    public static string Of(string directory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.GetFiles(directory).Order(StringComparer.Ordinal).Where(IsText))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool IsText(string file) =>
        Path.GetExtension(file) is ".json" or ".txt" && !file.EndsWith(".safetensors.index.json", StringComparison.Ordinal) && Path.GetFileName(file)[0] != '.';
}
