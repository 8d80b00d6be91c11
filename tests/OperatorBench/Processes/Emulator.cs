using DiffusionDpo.Shared;

namespace OperatorBench.Processes;

/// <summary>The API server emulator in a process of its own, loaded with objects.</summary>
internal sealed class Emulator : IAsyncDisposable
{
    private static readonly TimeSpan s_loadsWithin = TimeSpan.FromSeconds(120);
    private readonly ChildProcess _process;

    private Emulator(ChildProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<Emulator> StartAsync(string objects)
    {
        var process = new ChildProcess(
            Repository.Path("tests", "KubeApi", "bin", "Release", "net10.0", "KubeApi"),
            "--crd", Repository.Path("crds", "dpofinetunes.diffusiondpo.io.yaml"), "--load", objects);
        var line = await process.UntilSaysAsync(line => line.StartsWith("http", StringComparison.Ordinal), s_loadsWithin);
        return new Emulator(process, new Uri(line));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
