using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>The adapters that a model directory is to be converted with.</summary>
internal static class RequestedMerge
{
    private const double Noticeable = 0.05;

    /// <summary>Opens them; null where none are asked for.</summary>
    /// <param name="request">What is to be converted.</param>
    /// <param name="model">The model.</param>
    public static LoraMerge? Of(ConversionRequest request, ModelDirectory model) =>
        request.Lora is { } path ? LoraMerge.Open(path, model, request.LoraScale ?? 1) : null;

    /// <summary>What the line about the result adds.</summary>
    /// <param name="request">What was converted.</param>
    /// <param name="merged">The adapters, once all is written.</param>
    public static string Text(ConversionRequest request, LoraMerge? merged)
    {
        if (merged is null) return "";
        string remedy = merged.Loss > Noticeable ? "; --precision fp32 keeps it" : "";
        return $" with {request.Lora} merged ({merged.Loss:P1} of what they change is lost to rounding{remedy})";
    }
}
