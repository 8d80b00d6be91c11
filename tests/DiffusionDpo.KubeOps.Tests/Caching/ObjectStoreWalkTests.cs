using CsCheck;

namespace DiffusionDpo.KubeOps.Tests.Caching;

public sealed class ObjectStoreWalkTests
{
    private static readonly Gen<(int Name, bool Deletes)[]> s_steps = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2].Select(n => n == 0)).Array[0, 30];

    private static readonly Gen<(int What, int Which)[]> s_news = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 40]).Array[0, 60];

    [Fact]
    public void In_whatever_order_it_hears_nothing_returns_from_the_dead_and_nothing_is_missed() =>
        Gen.Select(s_steps, s_news).Sample(
            (steps, news) =>
            {
                StoreHistory history = new(steps);
                foreach (var (what, which) in news)
                {
                    if (what < 5) history.Next();
                    else if (what < 7) history.Again(which);
                    else if (what < 9) history.Answer(which);
                    else history.List(which % 4, which % 2 == 0 ? which : null);
                }

                history.Finish();
            },
            iter: 20_000);
}
