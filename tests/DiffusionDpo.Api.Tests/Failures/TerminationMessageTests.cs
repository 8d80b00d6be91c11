using System.Text;
using CsCheck;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Api.Tests.Failures;

public sealed class TerminationMessageTests
{
    private static readonly TerminationMessage Example = new()
    {
        Class = ExitClass.DataError, Rank = 3, Step = 120, Checkpoint = "s3://runs/first/checkpoints/step-100", Message = "shard 7 is corrupt",
    };

    [Fact]
    public void The_json_is_what_the_operator_reads() => Assert.Equal(
        """{"class":"DataError","code":65,"rank":3,"step":120,"checkpoint":"s3://runs/first/checkpoints/step-100","message":"shard 7 is corrupt"}""",
        Example.ToJson());

    [Fact]
    public void A_message_reads_back() => Assert.Equal(Example, TerminationMessage.TryParse(Example.ToJson()));

    [Fact]
    public void Exit_codes_are_those_of_the_contract()
    {
        var codes = Enum.GetValues<ExitClass>().Select(c => new TerminationMessage { Class = c, Message = "" }.Code);
        Assert.Equal([0, 64, 65, 66, 70, 74, 75, 77, 78, 80, 81, 82, 83, 84, 85, 86, 93], codes);
    }

    [Fact]
    public void Any_message_fits_in_4096_bytes_and_stays_json() =>
        Gen.Select(Gen.String[0, 9000], Gen.Char, Gen.Int[0, 9000]).Sample((text, repeated, count) =>
        {
            var json = (Example with { Message = text + new string(repeated, count) }).ToJson();
            Assert.InRange(Encoding.UTF8.GetByteCount(json), 1, 4096);
            var read = TerminationMessage.TryParse(json);
            Assert.Equal(Example.Checkpoint, read?.Checkpoint);
        });

    [Fact]
    public void A_long_message_keeps_all_that_fits()
    {
        var json = (Example with { Message = new string('x', 9000) }).ToJson();
        Assert.InRange(Encoding.UTF8.GetByteCount(json), 4090, 4096);
        Assert.EndsWith("x…\"}", json);
    }

    [Fact]
    public void A_checkpoint_that_leaves_no_room_is_given_up()
    {
        var read = TerminationMessage.TryParse((Example with { Checkpoint = new string('c', 5000) }).ToJson());
        Assert.Null(read?.Checkpoint);
        Assert.Equal(Example.Message, read?.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("panic: out of memory")]
    [InlineData("{\"class\":\"Nonsense\",\"message\":\"\"}")]
    [InlineData("{\"message\":\"no class\"}")]
    [InlineData("[]")]
    [InlineData("null")]
    public void What_is_no_message_is_none(string text) => Assert.Null(TerminationMessage.TryParse(text));
}
