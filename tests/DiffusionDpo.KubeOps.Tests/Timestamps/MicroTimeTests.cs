using System.Globalization;
using DiffusionDpo.KubeOps.Timestamps;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Tests.Timestamps;

/// <summary>What arrives at the API server: it refuses other than six fraction digits with 400.</summary>
public sealed class MicroTimeTests
{
    [Theory]
    [InlineData(0, "2026-01-01T00:00:00.000000Z")]
    [InlineData(1, "2026-01-01T00:00:00.000000Z")]
    [InlineData(19, "2026-01-01T00:00:00.000001Z")]
    [InlineData(1_200_000, "2026-01-01T00:00:00.120000Z")]
    [InlineData(9_999_999, "2026-01-01T00:00:00.999999Z")]
    public void Six_digits_always(int ticks, string expected)
    {
        var time = MicroTime.Of(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(ticks));
        Assert.Equal($$"""{"acquireTime":"{{expected}}"}""", KubernetesJson.Serialize(new V1LeaseSpec { AcquireTime = time }));
        Assert.Equal($$"""{"eventTime":"{{expected}}"}""", KubernetesJson.Serialize(new Eventsv1Event { EventTime = time }));
    }

    [Fact]
    public void A_time_that_was_read_is_written_as_it_was()
    {
        const string Text = """{"renewTime":"2026-01-01T00:00:07.000000Z"}""";
        var read = KubernetesJson.Deserialize<V1LeaseSpec>(Text);
        Assert.Equal(Text, KubernetesJson.Serialize(new V1LeaseSpec { RenewTime = MicroTime.Of(read.RenewTime!.Value) }));
    }

    [Fact]
    public void Times_go_out_as_UTC()
    {
        var local = DateTime.Parse("2026-01-01T02:00:00.5+02:00", CultureInfo.InvariantCulture);
        Assert.Equal("""{"renewTime":"2026-01-01T00:00:00.500000Z"}""", KubernetesJson.Serialize(new V1LeaseSpec { RenewTime = MicroTime.Of(local) }));
    }
}
