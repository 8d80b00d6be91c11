namespace KubeApi.Cel;

/// <summary>An expression does not compile or cannot be evaluated.</summary>
public sealed class CelException(string message) : Exception(message)
{
    /// <summary>Where in the expression, from 0.</summary>
    public int Position { get; init; }
}
