using DiffusionDpo.Shared;
using Shapes.Judging;
using Xunit;

namespace Shapes.Tests;

/// <summary>The base model that is committed.</summary>
public sealed class ModelTests
{
    private static readonly string s_model = Repository.Path("examples", "shapes", "model");

    [Fact]
    public void It_draws_what_it_is_asked_for() => Assert.InRange(Judgement.Of(Gallery.Draw(s_model, 48)).RightShape.Value, 0.9, 1);

    [Fact]
    public void It_is_at_most_6_MB() =>
        Assert.InRange(Directory.EnumerateFiles(s_model, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), 1, 6_000_000);
}
