namespace DiffusionDpo.Data.Images;

/// <summary>Bytes that are not a usable image. Its message is the reason, one line.</summary>
/// <param name="reason">One line.</param>
/// <param name="innerException">What the decoder said.</param>
public sealed class BadImageException(string reason, Exception? innerException = null) : Exception(reason, innerException);
