using System.Diagnostics;
using System.Net.WebSockets;
using DiffusionDpo.Cli.Tests.Browsing;
using DiffusionDpo.Cli.Tests.Processes;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace DiffusionDpo.Cli.Tests.Browsing;

/// <summary>A real browser without a window, driven over the DevTools protocol on loopback. Started by the first test that needs it.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly string _directory = Directory.CreateTempSubdirectory("ddpo-browser-").FullName;
    private readonly LineBuffer _lines = new();
    private readonly SemaphoreSlim _one = new(1);
    private Process? _process;
    private DevTools? _tools;

    /// <summary>What a page shows in a window of a size; skips the test where there is no browser.</summary>
    internal async Task<PageVisit> VisitAsync(Uri page, PageWindow window)
    {
        await _one.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _tools ??= await StartAsync();
            return await PageVisit.MakeAsync(_tools, page, window);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_tools is not null) await _tools.DisposeAsync();
        if (_process is not null && !_process.WaitForExit(TimeSpan.FromSeconds(10))) _process.Kill(entireProcessTree: true);
        _process?.Dispose();
        _one.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<DevTools> StartAsync()
    {
        string? program = Array.Find(s_places, File.Exists);
        Assert.SkipWhen(program is null, "there is no browser on this machine (Debian: apt-get install chromium)");
        ProcessStartInfo start = new(
            program,
            [
                "--headless=new", "--remote-debugging-port=0", $"--user-data-dir={_directory}", "--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync", "about:blank",
            ])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => _lines.Add(line.Data);
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        const string Listening = "DevTools listening on ";
        string line = _lines.WaitFor(one => one.StartsWith(Listening, StringComparison.Ordinal), s_patience)
            ?? throw new InvalidOperationException($"the browser does not start:\n{string.Join('\n', _lines.All)}");
        ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri(line[Listening.Length..]), TestContext.Current.CancellationToken);
        return new(socket);
    }
}
