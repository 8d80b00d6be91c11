using DiffusionDpo.Models.Layouts;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>Turns one form of a model into another.</summary>
internal interface IConversion
{
    /// <summary>Whether it is this one that was asked for, by the forms of source and target alone.</summary>
    /// <param name="request">What is to be converted.</param>
    bool Recognises(ConversionRequest request);

    /// <summary>Converts.</summary>
    /// <param name="request">What is to be converted.</param>
    /// <param name="settings">How tensors are stored.</param>
    /// <returns>What was written, in one line.</returns>
    string Convert(ConversionRequest request, ConversionSettings settings);
}
