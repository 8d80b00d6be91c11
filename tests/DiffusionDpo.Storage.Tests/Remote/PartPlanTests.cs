using DiffusionDpo.Storage.Remote;
using Xunit;

namespace DiffusionDpo.Storage.Tests.Remote;

public sealed class PartPlanTests
{
    private const int MostS3Parts = 10_000, MostAzureBlocks = 50_000;
    private const int LeastS3Part = 5 << 20; // of all parts but the last
    private const long MostMemory = 96L << 20;

    [Fact]
    public void The_total_is_that_of_the_parts()
    {
        for (var (parts, total) = (0, 0L); parts < MostS3Parts; total += PartPlan.BytesOf(parts++)) Assert.Equal(total, PartPlan.TotalOf(parts));
    }

    [Fact]
    public void A_checkpoint_of_39_GiB_has_parts_of_one_size_and_one_of_195_GiB_fits()
    {
        Assert.Equal(39, PartPlan.TotalOf(5_000) >> 30);
        Assert.Equal(PartPlan.TotalOf(1), PartPlan.BytesOf(4_999));
        Assert.Equal(195, PartPlan.TotalOf(MostS3Parts) >> 30);
        Assert.Equal(1445, PartPlan.TotalOf(MostAzureBlocks) >> 30);
    }

    [Fact]
    public void Parts_under_way_and_the_one_that_is_filled_fit_into_memory_at_every_moment()
    {
        for (var filling = 0; filling < MostS3Parts; filling++)
        {
            var (held, places) = ((long)PartPlan.BytesOf(filling), PartPlan.Places);
            for (var sent = filling - 1; sent >= 0 && places >= PartPlan.PlacesOf(sent); sent--)
            {
                held += PartPlan.BytesOf(sent);
                places -= PartPlan.PlacesOf(sent);
            }

            Assert.InRange(held, 0, MostMemory);
            Assert.InRange(PartPlan.BytesOf(filling), LeastS3Part, int.MaxValue);
        }
    }
}
