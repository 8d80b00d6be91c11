namespace DiffusionDpo.Models.Tests.Tokenizers;

/// <summary>A copy of a tokenizer folder to break.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();

    public TokenizerFolder(string original)
    {
        foreach (string file in Directory.GetFiles(original)) System.IO.File.Copy(file, File(System.IO.Path.GetFileName(file)));
    }

    public string Path => directory.FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Replace(string file, string old, string with)
    {
        string text = System.IO.File.ReadAllText(File(file));
        Xunit.Assert.Contains(old, text, StringComparison.Ordinal);
        System.IO.File.WriteAllText(File(file), text.Replace(old, with, StringComparison.Ordinal));
    }

    public void Dispose() => directory.Delete(recursive: true);
}
