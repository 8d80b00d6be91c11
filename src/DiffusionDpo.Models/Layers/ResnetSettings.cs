namespace DiffusionDpo.Models.Layers;

/// <summary>What the residual blocks of one network have in common.</summary>
/// <param name="Groups">Groups of the group norms.</param>
/// <param name="Epsilon">Added to the variance in the group norms.</param>
/// <param name="TimeWidth">Width of the time embedding; null where the network knows no time.</param>
internal sealed record ResnetSettings(int Groups, double Epsilon, int? TimeWidth = null);
