using System.Globalization;
using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Models.Native;

/// <summary>
/// Which libtorch this process computes with: the packaged one, or that of an installed PyTorch, which may have CUDA. TorchSharp's native library
/// asks for libraries by name, so that those which are loaded first are the ones it gets.
/// </summary>
public static class LibTorch
{
    /// <summary>The environment variable that names the <c>torch/lib</c> directory of an installed PyTorch.</summary>
    public const string Variable = "DDPO_LIBTORCH";

    private const ulong NeededAbi = 0x020A_0000_0000_0000; // 2.10, as aoti_torch_abi_version says it
    private const string Needed = "2.10";
    private const string PackagedDirectory = "libtorch"; // where the build of the program puts it, away from the libraries that .NET finds by itself
    private const string OwnLibraries = "runtimes/linux-x64/native";
    private const string Computing = "libtorch_cpu.so";

    private static readonly string[] Always = ["libc10.so", Computing, "libtorch.so"];
    private static readonly string[] WithCuda = ["libc10_cuda.so", "libtorch_cuda.so"];

    private static nint computing;

    /// <summary>Loads what the environment variable names, else what is packaged beside the program. To be called before the first tensor.</summary>
    /// <exception cref="RunException">Configuration error: the directory holds no libtorch, another version, or one that computes something else.</exception>
    public static void Choose()
    {
        string packaged = Path.Combine(AppContext.BaseDirectory, PackagedDirectory);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } directory) Use(directory);
        else if (Directory.Exists(packaged)) Load(packaged);
    }

    /// <summary>Loads the libtorch of a directory, checks it, and makes this process use it.</summary>
    /// <param name="directory">A <c>torch/lib</c> directory.</param>
    /// <exception cref="RunException">Configuration error: see <see cref="Choose"/>.</exception>
    public static void Use(string directory)
    {
        string[] absent = [.. Always.Where(name => !File.Exists(Path.Combine(directory, name)))];
        if (absent.Length > 0) throw Refusal($"{directory} has no {string.Join(", ", absent)}; name the torch/lib directory of an installed PyTorch");
        if (SaidVersion(directory) is { } version && !version.StartsWith(Needed + ".", StringComparison.Ordinal)) throw WrongVersion(directory, version);
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, OwnLibraries, Computing)))
            throw Refusal($"this build has a libtorch among its own libraries ({OwnLibraries}), which would be loaded as well; use one that was built as a program of its own");
        Load(directory);
        ulong abi = Abi(directory);
        if (abi != NeededAbi) throw WrongVersion(directory, $"{abi >> 56}.{(abi >> 48) & 0xFF}");
        string[] off = [.. LibTorchTrial.Differences()];
        if (off.Length > 0) throw Refusal($"{directory} does not compute what it should ({string.Join("; ", off)}); it is no build of libtorch {Needed} that fits: unset {Variable} or name another");
    }

    // PyTorch's own statement, beside its libraries
    private static string? SaidVersion(string directory)
    {
        string file = Path.Combine(Path.GetFullPath(directory), "..", "version.py");
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(each => each.StartsWith("__version__", StringComparison.Ordinal)) : null;
        return line?.Split('\'', '"') is [_, var version, ..] ? version : null;
    }

    private static void Load(string directory)
    {
        foreach (string name in Always.Concat(WithCuda).Where(name => File.Exists(Path.Combine(directory, name)))) Load(directory, name);
        NativeLibrary.SetDllImportResolver(typeof(LibTorch).Assembly, (name, _, _) => name == "torch_cpu" ? computing : 0);
    }

    private static void Load(string directory, string name)
    {
        try
        {
            nint handle = NativeLibrary.Load(Path.GetFullPath(Path.Combine(directory, name)));
            if (name == Computing) computing = handle;
        }
        catch (Exception cause) when (cause is DllNotFoundException or BadImageFormatException)
        {
            throw Refusal($"{Path.Combine(directory, name)} cannot be loaded: {cause.Message.ReplaceLineEndings(" ")}; install what it needs", cause);
        }
    }

    private static unsafe ulong Abi(string directory)
    {
        if (!NativeLibrary.TryGetExport(computing, "aoti_torch_abi_version", out nint function) || !NativeLibrary.TryGetExport(computing, "torch_call_dispatcher", out _))
            throw WrongVersion(directory, "an older version");
        return ((delegate* unmanaged[Cdecl]<ulong>)function)();
    }

    private static RunException WrongVersion(string directory, string found) => Refusal(string.Create(
        CultureInfo.InvariantCulture, $"{directory} holds libtorch {found}; TorchSharp needs {Needed}, and with another one would compute wrong numbers without a word: install PyTorch {Needed}"));

    private static RunException Refusal(string message, Exception? cause = null) => new(ExitClass.ConfigurationError, $"{Variable}: {message}", cause);
}
