using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Places;

/// <summary>The directory in which a file is to be.</summary>
internal static class ParentDirectory
{
    /// <summary>Makes it, before time goes into what the file will hold.</summary>
    /// <param name="path">The file.</param>
    /// <param name="argument">What the command line calls it.</param>
    /// <exception cref="RunException">Storage error: it cannot be made.</exception>
    public static void Make(string path, string argument)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception cause) when (DurableFile.IsOfTheDisk(cause))
        {
            throw new RunException(ExitClass.StorageError, $"{path} cannot be written: {cause.Message}; choose another {argument}", cause);
        }
    }
}
