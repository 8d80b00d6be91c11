using System.Diagnostics;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage.Local;
using Xunit;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace DiffusionDpo.Storage.Tests;

public sealed class LocalStoreTests : ObjectStoreContract, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ddpo-store-").FullName;
    private string? _mounted;

    protected override IObjectStore Store { get; } = new LocalStore();

    protected override StorageUri Root => StorageUri.OfPath(_directory);

    public void Dispose()
    {
        if (_mounted is not null) Run("umount", _mounted);
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_full_disk_is_a_storage_error_and_the_old_object_survives()
    {
        var disk = StorageUri.OfPath(Mount("size=256k"));
        var uri = disk.Combine("object");
        await Store.WriteAsync(uri, Text("old"), Cancellation);
        var failure = await FailsAsync(ExitClass.StorageError, uri, () => Store.WriteAsync(uri, Bytes(new byte[1 << 20]), Cancellation));
        Assert.Contains("No space left", failure.Message, StringComparison.Ordinal);
        Assert.Equal("old", await ReadAllAsync(uri));
        Assert.Equal(["object"], Directory.GetFileSystemEntries(disk.LocalPath).Select(Path.GetFileName));
    }

    /// <summary>A directory has no second name on any file system, as files have none on some.</summary>
    [Fact]
    public void Where_there_are_no_second_names_the_first_is_given_up()
    {
        var (first, second, third) = (Path.Combine(_directory, "first"), Path.Combine(_directory, "second"), Path.Combine(_directory, "third"));
        Directory.CreateDirectory(first);
        Assert.True(Durable.Link(first, second));
        Assert.Equal([second], Directory.GetDirectories(_directory));
        Directory.CreateDirectory(third);
        Assert.False(Durable.Link(second, third));
        Assert.Throws<IOException>(() => Durable.Link(second, Path.Combine(_directory, "none", "name")));
    }

    [Fact]
    public async Task A_read_only_file_system_is_a_storage_error()
    {
        var uri = StorageUri.OfPath(Mount("ro,size=256k")).Combine("below/object");
        await FailsAsync(ExitClass.StorageError, uri, () => Store.WriteAsync(uri, Text("x"), Cancellation));
    }

    [Fact]
    public async Task A_directory_that_may_not_be_written_is_a_storage_error()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root may write everywhere");
        var uri = Root.Combine("locked/object");
        Directory.CreateDirectory(Root.Combine("locked").LocalPath, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await FailsAsync(ExitClass.StorageError, uri, () => Store.WriteAsync(uri, Text("x"), Cancellation));
    }

    [Fact]
    public async Task A_file_in_place_of_a_directory_is_a_storage_error()
    {
        await Store.WriteAsync(Root.Combine("file"), Text("x"), Cancellation);
        var uri = Root.Combine("file/object");
        await FailsAsync(ExitClass.StorageError, uri, () => Store.WriteAsync(uri, Text("x"), Cancellation));
    }

    [Fact]
    public async Task A_directory_in_place_of_an_object_is_an_error_on_both_sides()
    {
        await Store.WriteAsync(Root.Combine("directory/object"), Text("x"), Cancellation);
        var uri = Root.Combine("directory");
        await FailsAsync(ExitClass.InputMissing, uri, () => Store.ReadAsync(uri, 0, new byte[1], Cancellation));
        await FailsAsync(ExitClass.StorageError, uri, () => Store.WriteAsync(uri, Text("x"), Cancellation));
    }

    [Fact]
    public async Task What_a_killed_writer_left_is_not_listed()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, $".object.{Guid.NewGuid():n}.ddpo-partial"), "half", Cancellation);
        Assert.Empty(await NamesAsync(Root));
    }

    [Fact]
    public async Task Links_to_files_are_files_and_links_to_directories_are_not_followed()
    {
        await Store.WriteAsync(Root.Combine("blobs/content"), Text("content"), Cancellation);
        File.CreateSymbolicLink(Path.Combine(_directory, "shard"), "blobs/content");
        Directory.CreateSymbolicLink(Path.Combine(_directory, "blobs", "up"), "..");
        File.CreateSymbolicLink(Path.Combine(_directory, "dangling"), "nowhere");
        Assert.Equal(["blobs/content", "shard"], await NamesAsync(Root));
        Assert.Equal(7, (await Store.FindAsync(Root.Combine("shard"), Cancellation))!.Size);
    }

    [Fact]
    public void Every_scheme_has_its_store()
    {
        var stores = new Stores();
        Assert.IsType<LocalStore>(stores.For(Root));
        Assert.IsType<S3.S3Store>(stores.For(StorageUri.Parse("s3://bucket/data")));
        Assert.IsType<Azure.AzureStore>(stores.For(StorageUri.Parse("az://account/container/data")));
    }

    private string Mount(string options)
    {
        var point = Directory.CreateDirectory(Path.Combine(_directory, "mounted")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", point), "a small file system can only be mounted by root");
        return _mounted = point;
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
