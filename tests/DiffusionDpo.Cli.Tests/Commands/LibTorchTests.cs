using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

/// <summary>DDPO_LIBTORCH: another libtorch than the packaged one.</summary>
public sealed class LibTorchTests : IDisposable
{
    private const string Variable = "DDPO_LIBTORCH";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("ddpo-libtorch-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void A_libtorch_elsewhere_is_the_only_one_that_is_loaded()
    {
        string lib = Directory.CreateDirectory(Path.Combine(directory.FullName, "torch", "lib")).FullName;
        foreach (string file in Directory.GetFiles(Packaged(), "*.so*")) File.Copy(file, Path.Combine(lib, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(lib, "..", "version.py"), "__version__ = '2.10.0+cpu'\n");
        Outcome outcome = Inspect((Variable, lib), ("LD_DEBUG", "files")).Ended(0);
        string[] loaded = [.. outcome.Errors.Where(line => line.Contains("calling init:", StringComparison.Ordinal) && line.Contains("/libtorch_cpu.so", StringComparison.Ordinal))];
        Assert.Contains(Path.Combine(lib, "libtorch_cpu.so"), Assert.Single(loaded), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_without_libtorch_is_refused_with_what_is_missing()
    {
        Outcome outcome = Inspect((Variable, directory.FullName)).Ended(78);
        Assert.Contains($"{Variable}: {directory.FullName} has no libc10.so, libtorch_cpu.so, libtorch.so; name the torch/lib directory", Assert.Single(outcome.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_variable_the_packaged_one_is_loaded_and_no_other()
    {
        Outcome outcome = Inspect((Variable, ""), ("LD_DEBUG", "files")).Ended(0);
        string[] loaded = [.. outcome.Errors.Where(line => line.Contains("calling init:", StringComparison.Ordinal) && line.Contains("/libtorch_cpu.so", StringComparison.Ordinal))];
        Assert.Contains(Packaged(), Assert.Single(loaded), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_is_refused_before_it_computes()
    {
        string lib = Directory.CreateDirectory(Path.Combine(directory.FullName, "torch", "lib")).FullName;
        foreach (string name in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"]) File.WriteAllText(Path.Combine(lib, name), "");
        File.WriteAllText(Path.Combine(lib, "..", "version.py"), "from typing import Optional\n__version__ = '2.14.1'\n");
        Outcome outcome = Inspect((Variable, lib)).Ended(78);
        Assert.Contains("holds libtorch 2.14.1; TorchSharp needs 2.10", Assert.Single(outcome.Errors), StringComparison.Ordinal);
        File.Delete(Path.Combine(lib, "..", "version.py"));
        Assert.Contains("libc10.so cannot be loaded", Assert.Single(Inspect((Variable, lib)).Ended(78).Errors), StringComparison.Ordinal);
    }

    private static Outcome Inspect(params (string Name, string Value)[] variables)
    {
        using DdpoProcess process = DdpoProcess.Start(Built, ["inspect", Goldens.Path("tiny-sd15"), "--tensors"], variables);
        return process.WaitForExit();
    }

    // The program by itself, not the copy beside the tests, which have a libtorch of their own.
    private static string Built => Repository.Path("src", "DiffusionDpo.Cli", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), "net10.0", "ddpo");

    private static string Packaged() => Path.Combine(Path.GetDirectoryName(Built)!, "libtorch");
}
