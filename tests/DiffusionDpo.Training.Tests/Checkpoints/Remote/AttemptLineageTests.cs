using DiffusionDpo.Training.Checkpoints.Remote;
using Xunit;

namespace DiffusionDpo.Training.Tests.Checkpoints.Remote;

public sealed class AttemptLineageTests
{
    // 1 began at the base model; 2 went on from its step 10; 3 from 2's step 30; 4 went back to 1's step 10.
    private static readonly (int Number, int Parent, int Step)[] History = [(1, 0, 0), (2, 1, 10), (3, 2, 30), (4, 1, 10)];

    [Theory]
    [InlineData(1, 1, 500, true)]
    [InlineData(2, 1, 10, true)]
    [InlineData(2, 1, 11, false)] // written after 2 had taken over
    [InlineData(2, 2, 11, true)]
    [InlineData(3, 2, 30, true)]
    [InlineData(3, 2, 31, false)]
    [InlineData(3, 1, 10, true)]
    [InlineData(3, 1, 20, false)]
    [InlineData(4, 2, 20, false)] // of the history that was given up
    [InlineData(4, 3, 40, false)]
    [InlineData(4, 1, 10, true)]
    [InlineData(4, 4, 12, true)]
    [InlineData(4, 5, 12, false)] // of an attempt that nobody knows
    public void What_counts_is_what_the_newest_attempt_descends_from(int attempts, int attempt, int step, bool counts) =>
        Assert.Equal(counts, Of(attempts).Holds(attempt, step));

    [Fact]
    public void Without_attempts_nothing_counts() => Assert.False(Of(0).Holds(1, 1));

    [Fact]
    public void Records_that_lead_in_a_circle_end() =>
        Assert.False(new AttemptLineage(new Dictionary<int, AttemptRecord> { [1] = Record(1, 2, 9), [2] = Record(2, 1, 9) }).Holds(7, 1));

    private static AttemptLineage Of(int attempts) => new(History.Take(attempts).ToDictionary(each => each.Number, each => Record(each.Number, each.Parent, each.Step)));

    private static AttemptRecord Record(int number, int parent, int step) => new(number, parent, step, "somebody", DateTimeOffset.UnixEpoch);
}
