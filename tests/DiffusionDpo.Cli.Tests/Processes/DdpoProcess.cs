using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>A real <c>ddpo</c> process: its lines as they come, its signals, its end. One that never ends is killed by its id.</summary>
internal sealed partial class DdpoProcess : IDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly LineBuffer _output = new();
    private readonly LineBuffer _errors = new();

    private DdpoProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => _errors.Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The build of this configuration, copied beside the tests with everything that it needs.</summary>
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "ddpo");

    public static DdpoProcess Start(params string[] arguments) => Start(Executable, arguments);

    /// <summary>Starts <c>ddpo</c> by way of a shell or the like, or with variables of its own.</summary>
    public static DdpoProcess Start(string executable, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(executable, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment.Remove("DDPO_TERMINATION_LOG");
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        return new(start);
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    /// <summary>Starts and waits for the end.</summary>
    public static Outcome Run(params string[] arguments)
    {
        using DdpoProcess process = Start(arguments);
        return process.WaitForExit();
    }

    /// <summary>Waits for a JSON line of an event that fits.</summary>
    public JsonObject WaitForEvent(string name, Func<JsonObject, bool>? fits = null)
    {
        string line = _output.WaitFor(IsWanted, s_patience) ?? throw new InvalidOperationException($"no event {name}\n{WaitForExit()}");
        return JsonNode.Parse(line)!.AsObject();

        bool IsWanted(string text) => JsonNode.Parse(text) is JsonObject happened && (string?)happened["event"] == name && fits?.Invoke(happened) != false;
    }

    public void WaitForStep(int step) => WaitForEvent("step", happened => (int)happened["step"]! >= step);

    /// <summary>Looks every millisecond until something holds.</summary>
    /// <returns>Whether it came to hold before the process ended.</returns>
    public bool WaitUntil(Func<bool> holds)
    {
        while (!holds())
            if (_process.WaitForExit(TimeSpan.FromMilliseconds(1))) return false;
        return true;
    }

    public void Send(int signal)
    {
        if (kill(_process.Id, signal) != 0) throw new InvalidOperationException($"signal {signal}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public Outcome WaitForExit()
    {
        if (!_process.WaitForExit(s_patience)) _process.Kill();
        _process.WaitForExit(); // the rest of the lines
        return new(_process.ExitCode, _output.All, _errors.All);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
