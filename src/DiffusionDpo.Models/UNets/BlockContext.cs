using DiffusionDpo.Models.Segments;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>What all blocks of a UNet share in one forward pass.</summary>
/// <param name="Time">SiLU of the time embedding [N, width], a value of the tape.</param>
/// <param name="Text">[N, S, text width], without gradient.</param>
/// <param name="Tape">Runs the layers.</param>
internal sealed record BlockContext(Tensor Time, Tensor Text, ITape Tape);
