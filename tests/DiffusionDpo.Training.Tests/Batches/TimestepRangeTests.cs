using DiffusionDpo.Api.Failures;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using Xunit;

namespace DiffusionDpo.Training.Tests.Batches;

public sealed class TimestepRangeTests
{
    [Theory]
    [InlineData(0, 999, 1000, 0, 1000)]
    [InlineData(0, 999, 100, 0, 100)]
    [InlineData(200, 400, 1000, 200, 201)]
    [InlineData(7, 7, 1000, 7, 1)]
    [InlineData(50, 999, 100, 50, 50)]
    public void A_range_holds_both_ends_and_stays_in_the_schedule(int min, int max, int timesteps, int first, int count) =>
        Assert.Equal(new(first, count), TimestepRange.Of(new() { Min = min, Max = max }, timesteps));

    [Fact]
    public void A_range_that_begins_beyond_the_schedule_is_refused() => Assert.Contains(
        "training.timesteps.min: 100", Failure.Of(ExitClass.ConfigurationError, () => TimestepRange.Of(new() { Min = 100 }, 100)));
}
