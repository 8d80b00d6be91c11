using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Models.Tests.Loading;

public sealed class DurableFileTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory();

    private string Target => Path.Combine(directory.FullName, "target");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void File_is_replaced_as_a_whole()
    {
        File.WriteAllText(Target, "old and longer");
        DurableFile.Write(Target, stream =>
        {
            stream.Write("new"u8);
            Assert.Equal("old and longer", File.ReadAllText(Target));
        });
        Assert.Equal("new", File.ReadAllText(Target));
        _ = Assert.Single(directory.GetFiles());
    }

    [Fact]
    public void Failed_write_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(Target, "old");
        _ = Assert.Throws<InvalidDataException>(() => DurableFile.Write(Target, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidDataException();
        }));
        Assert.Equal("old", File.ReadAllText(Target));
        _ = Assert.Single(directory.GetFiles());
    }

    [Fact]
    public void What_a_killed_process_left_behind_is_replaced()
    {
        File.WriteAllText(Path.Combine(directory.FullName, ".target.partial"), "half of something long");
        DurableFile.Write(Target, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(Target));
        _ = Assert.Single(directory.GetFiles());
    }

    [Fact]
    public void Disk_error_names_the_file_and_what_to_do()
    {
        string message = Failure.Of(ExitClass.StorageError, () => DurableFile.Write(Target, _ => throw new IOException("No space left on device")));
        Assert.Contains(Target, message, StringComparison.Ordinal);
        Assert.Contains("No space left", message, StringComparison.Ordinal);
        string absent = Path.Combine(directory.FullName, "absent", "file");
        Assert.Contains(absent, Failure.Of(ExitClass.StorageError, () => DurableFile.Write(absent, _ => { })), StringComparison.Ordinal);
    }

    [Fact]
    public void Full_disk_is_a_storage_error_and_the_old_file_stands()
    {
        File.WriteAllText(Target, "old");
        _ = File.CreateSymbolicLink(Path.Combine(directory.FullName, ".target.partial"), "/dev/full");
        string message = Failure.Of(ExitClass.StorageError, () => DurableFile.Write(Target, stream => stream.Write(new byte[100_000])));
        Assert.Contains("space", message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("old", File.ReadAllText(Target));
        _ = Assert.Single(directory.GetFiles());
    }

    [Fact]
    public void Directory_appears_whole_and_never_over_another()
    {
        DurableDirectory.Write(Target, into =>
        {
            Assert.False(Directory.Exists(Target));
            Directory.CreateDirectory(Path.Combine(into, "inner"));
            File.WriteAllText(Path.Combine(into, "inner", "file"), "text");
        });
        Assert.Equal("text", File.ReadAllText(Path.Combine(Target, "inner", "file")));
        Assert.Contains(Target, Failure.Of(ExitClass.ConfigurationError, () => DurableDirectory.Write(Target, _ => { })), StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_directory_leaves_nothing()
    {
        Directory.CreateDirectory(Path.Combine(directory.FullName, ".target.partial", "left by a killed process"));
        _ = Failure.Of(ExitClass.StorageError, () => DurableDirectory.Write(Target, into =>
        {
            Assert.Empty(Directory.GetFileSystemEntries(into));
            File.WriteAllText(Path.Combine(into, "half"), "");
            throw new IOException("No space left on device");
        }));
        Assert.Empty(directory.GetFileSystemInfos());
    }
}
