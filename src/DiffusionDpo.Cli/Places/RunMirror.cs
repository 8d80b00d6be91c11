using System.Security.Cryptography;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Transfers;

namespace DiffusionDpo.Cli.Places;

/// <summary>A run's directory in object storage, with the directory of this machine in which the run works. Checkpoints go to storage by themselves; the rest is brought there by this.</summary>
/// <param name="store">The store.</param>
/// <param name="place">The run's directory.</param>
/// <param name="local">The working directory.</param>
internal sealed class RunMirror(IObjectStore store, StorageUri place, string local)
{
    /// <summary>The run's directory in object storage.</summary>
    public StorageUri Place { get; } = place;

    /// <summary>The working directory of a run, for its directory in object storage.</summary>
    public static string LocalOf(StorageUri place)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place.ToString())));
        return Path.Combine(CachePlaces.Runs, $"{place.Name}-{hash[..12]}");
    }

    /// <summary>Whether an object of the run is there.</summary>
    /// <param name="name">Its name below the run's directory.</param>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Makes the run's directory this run's, if it is nobody's.</summary>
    /// <param name="file">The run file.</param>
    /// <returns>The run file that it belonged to before; null: it is this run's now.</returns>
    public RunFile? Claim(RunFile file)
    {
        byte[] json = Encoding.UTF8.GetBytes(file.ToJson());
        return store.CreateAsync(Place.Combine(Stages.RunDirectory.RunFileName), (into, stop) => into.WriteAsync(json, stop)).AsTask().GetAwaiter().GetResult() ? null : Owner();
    }

    /// <summary>The run file that the directory belongs to; null: it belongs to nobody.</summary>
    public RunFile? Owner() => Find(Stages.RunDirectory.RunFileName) is not { } info ? null : RunFile.Parse(Encoding.UTF8.GetString(Read(info)));

    /// <summary>
    /// Brings a log here, unless the one that is here begins with it: then it was written on here and not brought there. Otherwise another machine has gone on with the run.
    /// </summary>
    /// <param name="name">Its name.</param>
    public void Pull(string name)
    {
        if (Find(name) is not { } there) return;
        string here = Path.Combine(local, name), fetched = Path.Combine(local, $".{name}{DurableDirectory.PartialEnding}");
        Directory.CreateDirectory(local);
        FileTransfer.DownloadAsync(store, there, fetched).GetAwaiter().GetResult();
        try
        {
            if (File.Exists(here) && BeginsWith(here, fetched)) File.Delete(fetched);
            else File.Move(fetched, here, overwrite: true);
        }
        catch (Exception cause) when (DurableFile.IsOfTheDisk(cause))
        {
            throw new RunException(ExitClass.StorageError, $"{here} cannot be written: {cause.Message}; free space on that disk, or make it writable", cause);
        }
    }

    /// <summary>Brings a directory here that is not here, if it is complete there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="last">The file in it whose presence says that it is complete.</param>
    public void PullDirectory(string name, string last)
    {
        string here = Path.Combine(local, name);
        if (Directory.Exists(here) || !Has($"{name}/{last}")) return;
        DurableDirectory.Write(here, into =>
        {
            foreach (ObjectInfo info in store.ListAsync(Place.Combine(name)).ToBlockingEnumerable())
            {
                string path = Path.Combine(into, info.Uri.RelativeTo(Place.Combine(name)));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                FileTransfer.DownloadAsync(store, info, path).GetAwaiter().GetResult();
            }
        });
    }

    /// <summary>Brings a file there, if it is here.</summary>
    /// <param name="name">Its name.</param>
    public void Push(string name)
    {
        string path = Path.Combine(local, name);
        if (File.Exists(path)) FileTransfer.UploadAsync(store, path, Place.Combine(name)).GetAwaiter().GetResult();
    }

    /// <summary>Brings a directory there, if it is here; <paramref name="last"/> is written last: where it is, all is.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="last">The file in it whose presence says that it is complete.</param>
    public void PushDirectory(string name, string last)
    {
        string directory = Path.Combine(local, name);
        if (!Directory.Exists(directory) || Has($"{name}/{last}")) return;
        IEnumerable<string> files = Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(local, file));
        foreach (string file in files.OrderBy(file => file == Path.Combine(name, last)).ThenBy(file => file, StringComparer.Ordinal)) Push(file);
    }

    /// <summary>Gives the directory up.</summary>
    public void Abandon()
    {
        foreach (string name in (string[])[Stages.RunDirectory.LogName, Stages.RunDirectory.RunFileName]) store.DeleteAsync(Place.Combine(name)).AsTask().GetAwaiter().GetResult();
    }

    private static bool BeginsWith(string path, string begin)
    {
        byte[] all = File.ReadAllBytes(path), first = File.ReadAllBytes(begin);
        return all.AsSpan().StartsWith(first);
    }

    private ObjectInfo? Find(string name) => store.FindAsync(Place.Combine(name)).AsTask().GetAwaiter().GetResult();

    private byte[] Read(ObjectInfo info)
    {
        if (info.Size > 1 << 20) throw new RunException(ExitClass.ConfigurationError, $"{info.Uri} is no run file: it has {info.Size} bytes; choose another output.uri");
        byte[] bytes = new byte[info.Size];
        store.ReadAsync(info.Uri, 0, bytes).AsTask().GetAwaiter().GetResult();
        return bytes;
    }
}
