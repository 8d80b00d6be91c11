using System.CommandLine;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Runs;
using static TorchSharp.torch;

namespace DiffusionDpo.Cli.Commands;

/// <summary><c>--device</c>, of commands that have no fine-tune to say it.</summary>
internal sealed class DeviceOption : Option<string>
{
    private static readonly Dictionary<string, ComputeDevice> s_devices = Enum.GetValues<ComputeDevice>().ToDictionary(device => JsonNamingPolicy.CamelCase.ConvertName($"{device}"));

    /// <summary>The option.</summary>
    public DeviceOption()
        : base("--device")
    {
        Description = "Where the networks compute: auto is the GPU where there is one.";
        HelpName = string.Join('|', s_devices.Keys);
        DefaultValueFactory = _ => "auto";
        this.AcceptOnlyFromAmong([.. s_devices.Keys]);
    }

    /// <summary>The device, to be computed on from now on.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="RunException">Configuration error: there is no GPU.</exception>
    public Device Use(ParseResult parsed)
    {
        TrainingOptions options = new() { Device = s_devices[parsed.GetValue(this)!] };
        return options.Device != ComputeDevice.Cuda || cuda_is_available()
            ? ComputeDevices.Use(options)
            : throw new RunException(ExitClass.ConfigurationError, "--device: there is no CUDA GPU here; use auto or cpu");
    }
}
