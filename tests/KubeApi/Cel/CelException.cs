namespace KubeApi.Cel;

/// <summary>An expression does not compile or cannot be evaluated.</summary>
public sealed class CelException(string message) : Exception(message);
