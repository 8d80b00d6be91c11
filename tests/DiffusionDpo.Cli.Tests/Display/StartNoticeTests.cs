using DiffusionDpo.Api.Options;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.Runs;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Display;

/// <summary>How a run trains is said when it starts, where that is not as usual.</summary>
public sealed class StartNoticeTests
{
    [Fact]
    public void What_auto_came_to_and_tf32_are_fields_and_words()
    {
        Notice notice = Shown(new() { GradientCheckpointing = GradientCheckpointing.Blocks, Tf32 = true });
        Assert.Equal("20 training pairs, 4 held out, 9 steps, activations of blocks computed again, float32 products in TF32; measuring held-out accuracy before the first", notice.Text);
        Assert.Equal((GradientCheckpointing.Blocks, true), (notice.Fields["gradientCheckpointing"], notice.Fields["tf32"]));
    }

    [Fact]
    public void What_is_as_usual_is_in_the_fields_alone()
    {
        Notice notice = Shown(new() { GradientCheckpointing = GradientCheckpointing.None });
        Assert.Equal("20 training pairs, 4 held out, 9 steps; measuring held-out accuracy before the first", notice.Text);
        Assert.Equal((GradientCheckpointing.None, false), (notice.Fields["gradientCheckpointing"], notice.Fields["tf32"]));
    }

    private static Notice Shown(TrainingOptions training)
    {
        using Listener display = new();
        display.Show(new RunStarted(new() { Step = 0, TotalSteps = 9, UpdatedAt = default }, 20, 4, null) { Training = training });
        return Assert.Single(display.Notices);
    }

    private sealed class Listener : IRunDisplay
    {
        public List<Notice> Notices { get; } = [];

        public void Show(Notice notice) => Notices.Add(notice);

        public void Show(StepProgress step) => Assert.Fail("no step was made");

        public void Dispose()
        {
        }
    }
}
