using Xunit;

namespace DiffusionDpo.Storage.Tests.Remote;

/// <summary>Tests that measure their process.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
