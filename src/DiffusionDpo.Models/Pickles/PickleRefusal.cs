namespace DiffusionDpo.Models.Pickles;

/// <summary>A pickle that is broken, or holds what plain tensors do not need. The message says what it is, without the file's name.</summary>
internal sealed class PickleRefusal(string reason) : Exception(reason);
