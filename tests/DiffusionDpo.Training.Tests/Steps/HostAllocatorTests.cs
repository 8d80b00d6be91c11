using System.Diagnostics;
using System.Globalization;
using DiffusionDpo.Models.Native;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

public sealed class HostAllocatorTests
{
    public const string Command = "count-page-faults";
    private const string Keep = "keep";
    private const string Default = "default";
    private const long Floats = 9 << 20; // 36 MiB: more than glibc ever keeps of its own accord
    private const long Pages = Floats / 1024;

    [Fact]
    public void A_large_tensor_takes_the_pages_of_the_one_before()
    {
        Assert.SkipUnless(HostAllocator.IsGlibc, "the C library is not glibc");
        Assert.InRange(FaultsInChild(Default), Pages, long.MaxValue);
        Assert.InRange(FaultsInChild(Keep), 0, Pages / 2);
    }

    /// <summary>In a process of its own: the setting is the process's, and so is the count.</summary>
    public static int Run(string setting)
    {
        if (setting == Keep) HostAllocator.KeepFreedMemory();
        long fewest = long.MaxValue; // an aligned block leaves splinters, which glibc caches several times before it joins them: not every one fits
        for (int i = 0; i < 24; i++)
        {
            long before = Faults();
            ones(Floats).Dispose();
            fewest = Math.Min(fewest, Faults() - before);
        }

        Console.WriteLine(fewest);
        return 0;
    }

    private static long FaultsInChild(string setting)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Command, setting]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(output, CultureInfo.InvariantCulture);
    }

    /// <summary>Minor page faults of this process: the eighth field after the name in parentheses.</summary>
    private static long Faults()
    {
        string stat = File.ReadAllText("/proc/self/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[7], CultureInfo.InvariantCulture);
    }
}
