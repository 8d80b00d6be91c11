using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.JsonLines;

/// <summary>Addresses of images as lines give them: URIs, paths, or names relative to the file of the lines.</summary>
internal static class ImageAddress
{
    /// <summary>The address; a list in a bucket cannot name files of this machine.</summary>
    /// <exception cref="RunException">No address, or one that leads elsewhere.</exception>
    public static StorageUri Resolve(StorageUri list, string text)
    {
        var isLocal = list.Scheme == StorageScheme.File;
        if (!text.Contains("://", StringComparison.Ordinal) && !text.StartsWith('/')) return list.Parent.Combine(string.Join('/', text.Split('/').Where(segment => segment != ".")));
        var uri = StorageUri.Parse(text);
        return isLocal || uri.Scheme != StorageScheme.File ? uri : throw new RunException(
            ExitClass.DataError, $"a path of this machine, named by a list in {list.Scheme}");
    }
}
