using DiffusionDpo.Shared.Fuzzing;
using Xunit;

namespace DiffusionDpo.Data.Tests.Fuzzing;

/// <summary>Images and shards that somebody else made, fed to the native readers in processes of their own.</summary>
public sealed class NativeFuzzTests
{
    private const int PerChild = 2_000;

    public static TheoryData<string> Readers => [.. NativeReader.All.Keys];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Whatever_is_in_a_file_it_is_read_or_refused_and_the_process_lives(string name)
    {
        int cases = Fuzz.Cases(PerChild), taken = 0;
        for (int first = 0; first < cases; first += PerChild) taken += NativeFuzzChild.Feed(name, first, PerChild);
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken} of {cases} taken");
        Assert.InRange(taken, cases / 100, cases * 9 / 10);
    }

    /// <summary>Cases of the long runs that once ended the process.</summary>
    [Theory]
    [InlineData("shards", 11_137)] // a column that is refused when it is begun, not when it is read
    public void What_once_ended_the_process_is_refused(string name, int number) => Assert.Equal(0, NativeFuzzChild.Feed(name, number, 1));

    [Theory]
    [MemberData(nameof(Readers))]
    public void Files_that_claim_what_they_do_not_hold_are_refused_before_they_take_memory(string name)
    {
        NativeReader reader = NativeReader.All[name]();
        foreach (byte[] sound in reader.Sound) Assert.True(reader.IsTaken(sound));
        foreach ((string what, byte[] file) in reader.Nasty) Assert.False(Fuzz.One(file, what, reader.IsTaken), what);
    }
}
