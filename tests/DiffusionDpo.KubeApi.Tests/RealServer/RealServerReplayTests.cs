using DiffusionDpo.KubeApi.Tests.Replay;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.RealServer;

/// <summary>
/// The recordings against a real API server, where KUBEBUILDER_ASSETS names a directory with kube-apiserver and etcd: that the recordings
/// and their comparison are right. Steps that need other components are left out.
/// </summary>
public sealed class RealServerReplayTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_real_server_answers_as_recorded()
    {
        Assert.SkipWhen(RealControlPlane.Assets is null, "KUBEBUILDER_ASSETS names no directory with kube-apiserver and etcd");
        await using var plane = await RealControlPlane.StartAsync(RealControlPlane.Assets!);
        var target = new ReplayTarget(plane.Client, RealControlPlane.Token, null, plane.CompactAsync) { Absent = ReplayTarget.OtherComponents };
        var complaints = new List<string>();
        foreach (var name in ReplayRunner.Names)
        {
            var results = await new ReplayRun(target, Scenario.Load(name)).RunAsync();
            output.WriteLine($"{name}: {results.Count(result => result.Difference is null)}/{results.Count} steps as recorded");
            complaints.AddRange(results.Where(result => result.Difference is not null).Select(result => $"{name} {result.Step}: {result.Difference}"));
        }

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }
}
