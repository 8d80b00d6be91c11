using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests;

/// <summary>A test whose tensors go with it.</summary>
public abstract class TorchTest : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the scope; a test that has more overrides it.</summary>
    protected virtual void Dispose(bool disposing) => scope.Dispose();
}
