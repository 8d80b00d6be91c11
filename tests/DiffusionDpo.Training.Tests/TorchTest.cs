using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests;

/// <summary>A test whose tensors go with it.</summary>
public abstract class TorchTest : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        GC.SuppressFinalize(this);
    }
}
