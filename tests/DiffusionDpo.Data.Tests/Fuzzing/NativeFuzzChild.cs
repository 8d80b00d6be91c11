using System.Diagnostics;
using System.Globalization;
using DiffusionDpo.Shared.Fuzzing;

namespace DiffusionDpo.Data.Tests.Fuzzing;

/// <summary>
/// A process that feeds mutants to a native reader, since it may crash, take all memory or never return: the file of its progress names the case that it
/// is at, its processor time is limited, and it looks at the most memory that it ever had.
/// </summary>
internal static class NativeFuzzChild
{
    public const string Command = "feed-native-reader";

    /// <summary>The largest image that is allowed takes 400 MB encoded by four bands, and 300 MB without the fourth.</summary>
    private const long MostMebibytes = 1_500;

    private const int ProcessorSeconds = 20;
    private const int Finding = 3;

    /// <summary>In the child: feeds cases, and prints how many were taken.</summary>
    public static int Run(string name, int first, int count, string progress)
    {
        NativeReader reader = NativeReader.All[name]();
        Mutants mutants = reader.Mutants;
        int taken = 0;
        using FileStream at = new(progress, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        for (int number = first; number < first + count; number++)
        {
            at.Seek(0, SeekOrigin.Begin);
            at.Write(System.Text.Encoding.ASCII.GetBytes(number.ToString("D10", CultureInfo.InvariantCulture)));
            byte[] file = mutants.Of(number);
            try
            {
                if (reader.IsTaken(file)) taken++;
            }
            catch (Exception finding)
            {
                Console.Error.WriteLine($"{finding.GetType()}: {finding.Message}\n{finding.StackTrace}");
                return Finding;
            }

            if (Peak() is var peak && peak > MostMebibytes)
            {
                Console.Error.WriteLine($"{file.Length} bytes made the process take {peak} MiB");
                return Finding;
            }
        }

        Console.WriteLine(taken);
        return 0;
    }

    /// <summary>Starts a child and waits for its end, which its processor time bounds.</summary>
    /// <returns>How many were taken.</returns>
    public static int Feed(string name, int first, int count)
    {
        string progress = Path.GetTempFileName();
        try
        {
            int seconds = ProcessorSeconds + (count / 20);
            ProcessStartInfo start = new("bash", ["-c", $"ulimit -t {seconds}; exec \"$0\" \"$@\"", Environment.ProcessPath!, Command, name, $"{first}", $"{count}", progress])
            {
                RedirectStandardError = true, RedirectStandardOutput = true,
            };
            start.Environment["DOTNET_gcConcurrent"] = "0";
            using Process child = Process.Start(start)!;
            Task<string> errors = child.StandardError.ReadToEndAsync();
            string output = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            string last = File.ReadAllText(progress);
            Xunit.Assert.True(child.ExitCode == 0, $"{name}, case {last}: the process ended with {child.ExitCode} (137 or 152: its {seconds} seconds were over)\n{errors.GetAwaiter().GetResult()}");
            return int.Parse(output, CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(progress);
        }
    }

    private static long Peak() => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) >> 10;
}
