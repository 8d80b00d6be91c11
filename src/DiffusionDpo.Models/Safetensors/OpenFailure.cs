using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Safetensors;

/// <summary>What it means for the run that a file of a model could not be opened or read.</summary>
internal static class OpenFailure
{
    /// <summary>Runs what opens or reads a file; its failures become one-line failures of the run.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="kind">What it should be, such as "safetensors file".</param>
    /// <param name="read">Throws <see cref="InvalidDataException"/> where the content is wrong.</param>
    public static T Translate<T>(string path, string kind, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (InvalidDataException e)
        {
            throw new RunException(ExitClass.DataError, $"{path} is not a sound {kind}: {e.Message}; fetch or export it again", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RunException(ExitClass.InputMissing, $"{path} does not exist; {Article(kind)} {kind} is needed there", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RunException(ExitClass.InputMissing, $"{path} cannot be opened; check that it is {Article(kind)} {kind} and may be read", e);
        }
        catch (IOException e)
        {
            throw new RunException(ExitClass.StorageError, $"{path} cannot be read: {e.Message}; check the disk and try again", e);
        }
    }

    private static string Article(string kind) => kind[0] is 'a' or 'e' or 'i' or 'o' ? "an" : "a";
}
