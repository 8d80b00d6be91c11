using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Training.Runs;

/// <summary>The pairs of a run: from the sources, or with what was prepared of them.</summary>
/// <param name="Pairs">The training pairs, or the rows that are to be labelled.</param>
/// <param name="HeldOut">The held-out pairs; null where there are none.</param>
internal sealed record RunData(PairManifest Pairs, PairManifest? HeldOut)
{
    /// <summary>What was prepared of the training pairs; null: nothing is used.</summary>
    public LatentCache? Cache { get; init; }

    /// <summary>What was prepared of the held-out pairs.</summary>
    public LatentCache? HeldOutCache { get; init; }

    /// <summary>Finds the pairs.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="places">Where base model and scorer are on this machine.</param>
    /// <param name="stores">Where sources and cache are.</param>
    /// <param name="stop">Stops between two row groups.</param>
    /// <exception cref="RunException">Sources or cache are missing, damaged, or not those of this run.</exception>
    public static RunData Open(RunFile file, RunPlaces places, Stores stores, CancellationToken stop)
    {
        if (file.Data.Cache != DataCache.Latents)
            return new(TrainingPairs.Of(file, places.Scorer).Scan(stop), file.Data.HeldOut.Count > 0 ? PairManifest.Scan(stores, file.Data.HeldOut, file.Data.BadShards, stop) : null);
        CacheIdentity identity = PreparationRun.IdentityOf(file, places.Model);
        StorageUri place = StorageUri.Parse(file.Data.CacheUri!);
        LatentCache cache = LatentCache.Open(stores, place, identity, PreparedSet.ForTraining(file.Data), stop);
        LatentCache? held = PreparedSet.ForHeldOut(file.Data) is { } set ? LatentCache.Open(stores, place, identity, set, stop) : null;
        return new(cache.Manifest, held?.Manifest) { Cache = cache, HeldOutCache = held };
    }
}
