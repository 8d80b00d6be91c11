using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Processes;

/// <summary>The real <c>ddpo</c> in a process of its own, on one CPU thread.</summary>
internal sealed partial class DdpoProcess : IDisposable
{
    public const int Interrupt = 2, Kill = 9, Terminate = 15;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly List<string> output = [];
    private readonly List<string> errors = [];

    private DdpoProcess(ProcessStartInfo start)
    {
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "ddpo");

    /// <summary>Starts it in a directory.</summary>
    public static DdpoProcess Start(string directory, params IEnumerable<string> arguments) => Start(directory, [], Program, arguments);

    /// <summary>Starts it through another program, with more in its environment.</summary>
    public static DdpoProcess Start(string directory, IEnumerable<(string Name, string Value)> environment, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("DDPO_", StringComparison.Ordinal)).ToArray()) start.Environment.Remove(name);
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return new(start);
    }

    /// <summary>Runs it to its end.</summary>
    public static Outcome Run(string directory, params IEnumerable<string> arguments)
    {
        using DdpoProcess process = Start(directory, arguments);
        return process.End();
    }

    /// <summary>Waits for a line of <c>--json</c> output.</summary>
    public JsonNode WaitFor(Func<JsonNode, bool> wanted)
    {
        var waited = Stopwatch.StartNew();
        lock (output)
        {
            for (int seen = 0; ; Monitor.Wait(output, TimeSpan.FromMilliseconds(100)))
            {
                for (; seen < output.Count; seen++)
                {
                    if (JsonNode.Parse(output[seen]) is { } node && wanted(node)) return node;
                }

                if (process.HasExited && waited.Elapsed > TimeSpan.FromSeconds(2)) break;
                if (waited.Elapsed > s_patience) break;
            }
        }

        Assert.Fail($"what was waited for did not come:\n{Tell()}");
        return null!;
    }

    /// <summary>Waits for the event of a completed step.</summary>
    public void WaitForStep(int step) => WaitFor(node => (string?)node["event"] == "step" && (int)node["step"]! == step);

    /// <summary>Waits for an event by its name.</summary>
    public JsonNode WaitForEvent(string name) => WaitFor(node => (string?)node["event"] == name);

    /// <summary>Sends a signal.</summary>
    public void Send(int signal) => Assert.Equal(0, kill(process.Id, signal));

    /// <summary>Waits for the end.</summary>
    public Outcome End()
    {
        Assert.True(process.WaitForExit(s_patience), $"ddpo did not end:\n{Tell()}");
        process.WaitForExit(); // the rest of what it printed
        return new(process.ExitCode, [.. output], [.. errors]);
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private string Tell()
    {
        lock (output) lock (errors) return string.Join('\n', output.Concat(errors));
    }

    private static void Keep(List<string> lines, string? line)
    {
        if (line is null) return;
        lock (lines)
        {
            lines.Add(line);
            Monitor.PulseAll(lines);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
