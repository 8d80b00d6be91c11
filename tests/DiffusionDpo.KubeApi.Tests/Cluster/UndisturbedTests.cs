using KubeApi.Faults;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

public sealed class UndisturbedTests
{
    [Fact]
    public async Task Faults_are_about_clients_and_not_about_the_control_plane()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 2);
        cluster.Server.Faults.Schedule = new PredicateSchedule((_, _) => new Fault(FaultKind.Hang));
        await cluster.PassAsync(1);
        Assert.Equal(["Running", "Running"], cluster.Pods("a").Select(ClusterFixture.Phase));
        Assert.Empty(cluster.Server.Faults.Counts);
    }
}
