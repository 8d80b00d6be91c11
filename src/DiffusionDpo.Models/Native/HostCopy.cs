using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Native;

/// <summary>Brings what was made on the host to where the networks are.</summary>
public static class HostCopy
{
    /// <summary>
    /// On a GPU by way of pinned memory, from which the copy runs beside the kernels that were asked for before; libtorch keeps that memory until the copy is
    /// done. A plain copy would make the host wait for all of them. On the CPU the tensor itself.
    /// </summary>
    /// <param name="host">A CPU tensor.</param>
    /// <param name="device">Where it is wanted.</param>
    public static Tensor BroughtTo(this Tensor host, Device device)
    {
        if (device.type != DeviceType.CUDA) return host.to(device);
        using Tensor pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
