using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Pipelines;

namespace DiffusionDpo.Data.Preparation;

/// <summary>
/// The Prepare stage: encodes every different image and prompt of the sources once. Shard i is worker i mod W's. First every worker looks at its shards
/// (hashes, sizes, what is bad); when all shards were looked at, by whomever, each image and prompt has one shard that encodes it, the first that holds it;
/// worker 0 waits for all objects and writes index, facts and, last, the manifest. Everything is written whole, and what is there is not made again, so it may be
/// killed at any moment and go on, with any number of workers; the bytes are the same.
/// </summary>
public static class SourcePreparation
{
    /// <summary>Prepares this worker's share. Runs on the thread that calls it, as far as tensors are concerned.</summary>
    /// <param name="settings">What it needs.</param>
    /// <param name="cancellation">Stops between two images; what is written stays.</param>
    /// <exception cref="RunException">Data error: a shard or too many rows are bad, or sources change meanwhile. Storage and input failures by their own classes.</exception>
    public static void Run(PreparationSettings settings, CancellationToken cancellation)
    {
        var started = settings.Time.GetTimestamp();
        PreparedSources[] all = [.. new[] { PreparedSet.ForTraining(settings.Data), PreparedSet.ForHeldOut(settings.Data) }.OfType<PreparedSet>().Select(set => new PreparedSources(settings, set))];
        all[0].Place.ClaimAsync(cancellation).GetAwaiter().GetResult();
        PreparedSources[] open = [.. all.Where(each => !each.IsCompleteAsync(cancellation).GetAwaiter().GetResult())];
        if (open.Length == 0)
        {
            settings.OnEvent(new PreparationDone($"{all[0].Place.Set}", null, new(0, 0, 0, settings.Time.GetElapsedTime(started), default, default, default)));
            return;
        }

        foreach (var each in open) each.LookAsync(cancellation).GetAwaiter().GetResult();
        Ownership[] owned = [.. open.Select(each => each.GatherAsync(cancellation).GetAwaiter().GetResult())];
        using FrozenEncoders encoders = settings.LoadEncoders();
        var encoder = new CacheEncoder(encoders, settings.Data.Resolution!.Value, settings.Identity.HasMirrors);
        var meter = new ProgressMeter(settings, "encoding images and prompts", open.Zip(owned).Sum(each => each.First.RowsOf(each.Second)));
        foreach (var (each, of) in open.Zip(owned)) each.Encode(of, encoder, meter, cancellation);
        foreach (var each in open) each.RefuseChangedAsync(cancellation).GetAwaiter().GetResult();
        var (encoding, facts) = (meter.Elapsed, (PreparationFacts?)null);
        if (settings.Worker == 0)
            foreach (var (each, of) in open.Zip(owned)) facts = each.FinishAsync(of, encoder, cancellation).GetAwaiter().GetResult() is var told && each == all[0] ? told : facts;
        settings.OnEvent(new PreparationDone(
            $"{all[0].Place.Set}",
            facts,
            new(encoder.EncodedImages, encoder.EncodedPrompts, open.Sum(each => each.Reused), settings.Time.GetElapsedTime(started), encoding, encoder.InAutoencoder, encoder.InTextEncoders)));
    }
}
