using DiffusionDpo.Shared;
using Science.Experiments;
using Xunit;

namespace DiffusionDpo.Training.Tests.Experiments;

public sealed class SciencePageTests
{
    private static readonly string s_page = File.ReadAllText(Repository.Path("docs", "science.md"));

    public static TheoryData<string> Names => [.. ExperimentList.All.Select(experiment => experiment.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_experiment_stands_on_the_page_with_its_command_and_what_would_refute_it(string name)
    {
        string section = s_page.Split($"<!-- experiment {name} -->")[1].Split("<!-- end of ")[0];
        Assert.Contains($"`make science EXPERIMENT={name}`", section, StringComparison.Ordinal);
        Assert.Contains("What would refute it", section, StringComparison.Ordinal);
        Assert.Contains("seed", section, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_plot_of_the_page_is_there()
    {
        string[] plots = [.. s_page.Split("](images/").Skip(1).Select(rest => rest.Split(')')[0])];
        Assert.NotEmpty(plots);
        Assert.All(plots, plot => Assert.True(File.Exists(Repository.Path("docs", "images", plot)), plot));
    }
}
