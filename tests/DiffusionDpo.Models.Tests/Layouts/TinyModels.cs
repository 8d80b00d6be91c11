using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using DiffusionDpo.Shared;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Layouts;

/// <summary>The tiny models of the goldens, converted in a directory that is removed at the end.</summary>
internal sealed class TinyModels : IDisposable
{
    public static readonly string[] Names = ["tiny-sd15", "tiny-sdxl"];

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("layouts-");

    public string In(params string[] parts) => Path.Combine([directory.FullName, .. parts]);

    public static ModelDirectory Model(string name) => ModelDirectory.Open(Goldens.Path(name));

    /// <summary>A model as a single file.</summary>
    public string ToFile(string name, ConversionSettings? settings = null) => ToFile(Model(name), $"{name}.safetensors", settings);

    public string ToFile(ModelDirectory model, string name, ConversionSettings? settings = null)
    {
        using DirectoryConversion conversion = DirectoryConversion.Open(model);
        conversion.WriteFile(In(name), settings ?? new());
        return In(name);
    }

    /// <summary>A copy of a model, to be damaged.</summary>
    public ModelDirectory Copy(string name)
    {
        string from = Goldens.Path(name), to = In("copy");
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return ModelDirectory.Open(to);
    }

    /// <summary>The tensors of a file, changed, as another file.</summary>
    public string Changed(string file, Func<IEnumerable<(string Name, Tensor Tensor)>, IEnumerable<(string Name, Tensor Tensor)>> change)
    {
        using SafetensorsFile source = SafetensorsFile.Open(file);
        string path = In("changed.safetensors");
        SafetensorsWriter.WriteFile(path, [.. change(source.Entries.Keys.Select(name => (name, source.GetTensor(name))))]);
        return path;
    }

    /// <summary>Expects two directories to hold the same files with the same bytes, but for the positions that CLIP once kept beside its parameters.</summary>
    public static void Same(string expected, string actual)
    {
        string[] files = Files(expected);
        Assert.Equal(files, Files(actual));
        Assert.All(files, file => Assert.Equal(Content(Path.Combine(expected, file)), Content(Path.Combine(actual, file))));
    }

    public void Dispose() => directory.Delete(recursive: true);

    private static byte[] Content(string path)
    {
        if (!WeightsPath.IsSafetensors(path)) return File.ReadAllBytes(path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        string[] parameters = [.. file.Entries.Keys.Where(name => !PublishedNames.IsIgnorable(name))];
        if (parameters.Length == file.Entries.Count) return File.ReadAllBytes(path);
        MemoryStream without = new();
        SafetensorsWriter.Write(without, [.. parameters.Select(name => (name, file.GetTensor(name)))], file.Metadata);
        return without.ToArray();
    }

    private static string[] Files(string path) =>
        [.. Directory.GetFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(path, file)).Order(StringComparer.Ordinal)];
}
