using System.CommandLine;
using DiffusionDpo.Models.Native;
using Gpu;
using static TorchSharp.torch;

var device = new Option<string>("--device") { Description = "cuda; cpu tries the program itself, on tiny networks", DefaultValueFactory = _ => "cuda" };
device.AcceptOnlyFromAmong("cuda", "cpu");
var root = new RootCommand("Parity, precision, memory and speed of the training step on a GPU. DDPO_LIBTORCH names the torch/lib directory of a PyTorch 2.10 with CUDA.") { device };
root.SetAction(parsed =>
{
    LibTorch.Choose();
    bool onGpu = parsed.GetValue(device) == "cuda";
    if (onGpu && !cuda_is_available())
    {
        Console.WriteLine("test-gpu: skipped, since libtorch finds no CUDA GPU here; where there is one, name the torch/lib directory of a PyTorch 2.10 with CUDA in DDPO_LIBTORCH");
        return 0;
    }

    Device place = onGpu ? CUDA : CPU;
    Check[] checks = [.. DeviceMemory.On(place), .. Tf32.On(place), .. Parity.On(place), .. Precisions.On(place), .. LiveTensors.On(place)];
    foreach (Check check in checks) Console.WriteLine($"{(check.Holds ? "ok    " : "FAILED")} {check.What}: {check.Found} (limit: {check.Limit})");
    Console.WriteLine();
    foreach (string line in StepSpeed.Table(place, isTiny: !onGpu)) Console.WriteLine(line);
    return checks.All(check => check.Holds) ? 0 : 1;
});
return root.Parse(args).Invoke();
