using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Preparation;

/// <summary>A list of sources on its way into the cache: the training pairs, or the held-out ones.</summary>
/// <param name="settings">What preparing needs.</param>
/// <param name="set">What is prepared.</param>
internal sealed class PreparedSources(PreparationSettings settings, PreparedSet set)
{
    private readonly CachePlace _place = new(settings.Stores, StorageUri.Parse(settings.Data.CacheUri!), settings.Identity, set);
    private readonly IObjectStore _store = settings.Stores.For(StorageUri.Parse(settings.Data.CacheUri!));
    private PairManifest? _manifest;
    private ShardRows[] _rows = [];

    /// <summary>Where it goes.</summary>
    public CachePlace Place => _place;

    /// <summary>Objects that were there already.</summary>
    public int Reused { get; private set; }

    /// <summary>The pairs, once they were scanned.</summary>
    public PairManifest Manifest => _manifest!;

    private IEnumerable<int> Mine => Enumerable.Range(0, Manifest.Shards.Count).Where(shard => shard % settings.Workers == settings.Worker);

    /// <summary>Whether all is there already, and still of the sources as they are.</summary>
    public async Task<bool> IsCompleteAsync(CancellationToken cancellation)
    {
        try
        {
            var manifest = await ManifestFile.ReadAsync(settings.Stores, _place.Manifest, set.Sources, cancellation).ConfigureAwait(false);
            if (manifest is null || (manifest.BadShards.Count > 0 && settings.Data.BadShards == BadShards.Fail)) return false;
            return await _store.FindAsync(_place.Index, cancellation).ConfigureAwait(false) is not null;
        }
        catch (RunException failure) when (failure.ExitClass == ExitClass.DataError)
        {
            return false; // the sources have changed, or the manifest is damaged: it is made anew
        }
    }

    /// <summary>Looks at the rows of this worker's shards.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        _manifest = set.Scan(settings.Stores, settings.Data.BadShards, cancellation);
        settings.OnEvent(new PreparationStarted($"{_place.Set}", Manifest.Shards.Count, Manifest.Pairs, settings.Worker, settings.Workers) { IsHeldOut = set != PreparedSet.ForTraining(settings.Data) });
        var look = new RowLook(settings.Stores, settings.Data.Resolution!.Value);
        var pairsOf = Manifest.Groups.GroupBy(group => group.Shard).ToDictionary(groups => groups.Key, groups => (long)groups.Sum(group => group.Pairs.Count));
        var meter = new ProgressMeter(settings, "looking at pairs", Mine.Sum(shard => pairsOf.GetValueOrDefault(shard)));
        foreach (var shard in Mine)
        {
            // Others may count on the rows as they are: only who is alone looks again at what could not be read.
            if (await RowsAsync(shard, cancellation).ConfigureAwait(false) is { } known && !(known.MayChange && settings.Workers == 1))
            {
                meter.Skip(pairsOf.GetValueOrDefault(shard));
                Reused++;
                continue;
            }

            var rows = await look.LookAsync(Manifest, shard, meter.Add, cancellation).ConfigureAwait(false);
            await _place.WriteAsync(_place.Rows(shard), rows.Encode(), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until every shard was looked at, by whichever worker.</summary>
    /// <returns>Who encodes what.</returns>
    /// <exception cref="RunException">Data error: too many rows are bad.</exception>
    public async Task<Ownership> GatherAsync(CancellationToken cancellation)
    {
        var rows = new ShardRows?[Manifest.Shards.Count];
        await UntilAsync("shards to be looked at", () => FillAsync(rows, cancellation), cancellation).ConfigureAwait(false);
        _rows = [.. rows.Select(each => each!)];
        var ledger = new BadRowLedger(Manifest, settings.Data.MaxBadFraction, observer: null);
        try
        {
            foreach (var bad in BadRows()) ledger.Add(bad);
        }
        catch (RunException failure) when (settings.Workers > 1 && _rows.Any(shard => shard.MayChange))
        {
            throw new RunException(failure.ExitClass, $"{failure.Message}; where something has been put right since, one worker alone (--workers 1) looks at it again", failure);
        }

        return new Ownership(Manifest, _rows);
    }

    /// <summary>Encodes what this worker's shards own.</summary>
    public void Encode(Ownership owned, CacheEncoder encoder, ProgressMeter meter, CancellationToken cancellation)
    {
        var there = _place.ListAsync(cancellation).GetAwaiter().GetResult();
        var encoding = new ShardEncoding(settings.Stores, Manifest, encoder, settings.Data.Resolution!.Value);
        foreach (var shard in Mine)
            foreach (var layout in (PartLayout[])[encoder.Images, encoder.Prompts])
                foreach (var (part, rows) in PartsOf(owned, layout, shard).Index())
                    EncodePart(encoding, layout, (_place.Part(layout.Kind, shard, part), rows), (there, meter), cancellation);
    }

    /// <summary>Rows that this worker's shards own.</summary>
    public long RowsOf(Ownership owned) => Mine.Sum(shard => (long)owned.Images[shard].Count + owned.Prompts[shard].Count);

    /// <summary>Refuses to end with sources that are not those that were prepared.</summary>
    /// <exception cref="RunException">Data error: so it is.</exception>
    public async Task RefuseChangedAsync(CancellationToken cancellation)
    {
        if (await ManifestFile.ChangeSinceAsync(settings.Stores, Manifest, set.Sources, cancellation).ConfigureAwait(false) is { } change)
            throw new RunException(ExitClass.DataError, $"{_place.Set}: the sources have changed while they were prepared: {change}; leave them alone, and prepare again with all workers");
    }

    /// <summary>Waits for the other workers' objects, and writes what makes the whole of them.</summary>
    public async Task<PreparationFacts> FinishAsync(Ownership owned, CacheEncoder encoder, CancellationToken cancellation)
    {
        var parts = new Dictionary<StorageUri, PartFile>();
        await UntilAsync("objects to be written", () => FindPartsAsync(owned, encoder, parts, cancellation), cancellation).ConfigureAwait(false);
        var index = IndexBuilder.Build(Manifest, owned, encoder, (parts, _place), BadRowReasons()).Encode();
        var there = await _place.ListAsync(cancellation).ConfigureAwait(false);
        BadRow[] bad = [.. Manifest.BadRows, .. BadRows()];
        var facts = PreparationFacts.Of(Manifest, owned, bad, parts.Keys.Sum(uri => there[uri].Size));
        // Another run may have prepared the same meanwhile, and be reading it.
        if (await IsCompleteAsync(cancellation).ConfigureAwait(false) && (await _place.ReadAsync(_place.Index, cancellation).ConfigureAwait(false)).AsSpan().SequenceEqual(index)) return facts;
        // A manifest of what the sources were before must not stand beside this index: sources that are put back would match it again.
        await _place.DeleteAsync(_place.Manifest, cancellation).ConfigureAwait(false);
        await _place.WriteAsync(_place.Index, index, cancellation).ConfigureAwait(false);
        await _place.WriteAsync(_place.Facts, System.Text.Encoding.UTF8.GetBytes(facts.ToJson()), cancellation).ConfigureAwait(false);
        await RemoveStaleAsync(there.Keys, parts, cancellation).ConfigureAwait(false);
        await ManifestFile.WriteAsync(settings.Stores, _place.Manifest, Manifest, set.Sources, cancellation).ConfigureAwait(false);
        return facts;
    }

    private void EncodePart(
        ShardEncoding encoding, PartLayout layout, (StorageUri Uri, FirstMet[] Rows) part, (Dictionary<StorageUri, ObjectInfo> There, ProgressMeter Meter) so, CancellationToken cancellation)
    {
        var stamp = PartFile.StampOf(settings.Identity, layout, part.Rows);
        var expected = (stamp, part.Rows.Length);
        if (PartFile.FindAsync(_store, so.There.GetValueOrDefault(part.Uri), layout, expected, cancellation).GetAwaiter().GetResult() is not null)
        {
            so.Meter.Skip(part.Rows.Length);
            Reused++;
            return;
        }

        using var rows = encoding.Encode(layout, part.Rows, so.Meter.Add, cancellation);
        // Encoding takes long: another run that prepares the same may have written it meanwhile, and what is read must not be replaced.
        var now = _store.FindAsync(part.Uri, cancellation).AsTask().GetAwaiter().GetResult();
        if (PartFile.FindAsync(_store, now, layout, expected, cancellation).GetAwaiter().GetResult() is not null) return;
        _store.WriteAsync(part.Uri, Write, cancellation).AsTask().GetAwaiter().GetResult();

        ValueTask Write(Stream to, CancellationToken stop)
        {
            PartFile.Write(to, layout, rows, stamp);
            return ValueTask.CompletedTask;
        }
    }

    private static IEnumerable<FirstMet[]> PartsOf(Ownership owned, PartLayout layout, int shard) =>
        layout.PartsOf(layout.Kind == PartLayout.Images ? owned.Images[shard] : owned.Prompts[shard]);

    private async Task<ShardRows?> RowsAsync(int shard, CancellationToken cancellation) =>
        await _place.ReadAsync(_place.Rows(shard), cancellation).ConfigureAwait(false) is { } bytes
            ? ShardRows.Decode(bytes, ShardRows.StampOf(Manifest.Shards[shard]))
            : null;

    private async Task<IReadOnlyList<StorageUri>> FillAsync(ShardRows?[] rows, CancellationToken cancellation)
    {
        var missing = new List<StorageUri>();
        for (var shard = 0; shard < rows.Length; shard++)
        {
            rows[shard] ??= await RowsAsync(shard, cancellation).ConfigureAwait(false);
            if (rows[shard] is null) missing.Add(_place.Rows(shard));
        }

        return missing;
    }

    private async Task<IReadOnlyList<StorageUri>> FindPartsAsync(
        Ownership owned, CacheEncoder encoder, Dictionary<StorageUri, PartFile> found, CancellationToken cancellation)
    {
        var (there, missing) = (await _place.ListAsync(cancellation).ConfigureAwait(false), new List<StorageUri>());
        for (var shard = 0; shard < Manifest.Shards.Count; shard++)
        {
            foreach (var layout in (PartLayout[])[encoder.Images, encoder.Prompts])
            {
                foreach (var (part, rows) in PartsOf(owned, layout, shard).Index())
                {
                    var uri = _place.Part(layout.Kind, shard, part);
                    if (found.ContainsKey(uri)) continue;
                    var expected = (PartFile.StampOf(settings.Identity, layout, rows), rows.Length);
                    if (await PartFile.FindAsync(_store, there.GetValueOrDefault(uri), layout, expected, cancellation).ConfigureAwait(false) is { } file) found.Add(uri, file);
                    else missing.Add(uri);
                }
            }
        }

        return missing;
    }

    private async Task UntilAsync(string what, Func<Task<IReadOnlyList<StorageUri>>> missing, CancellationToken cancellation)
    {
        while (await missing().ConfigureAwait(false) is { Count: > 0 } left)
        {
            await RefuseChangedAsync(cancellation).ConfigureAwait(false);
            settings.OnEvent(new PreparationWaiting(what, left.Count, $"{left[0]}"));
            await Task.Delay(settings.Patience, settings.Time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Objects of what the sources were before.</summary>
    private async Task RemoveStaleAsync(IEnumerable<StorageUri> there, Dictionary<StorageUri, PartFile> parts, CancellationToken cancellation)
    {
        HashSet<StorageUri> wanted = [_place.Manifest, _place.Index, _place.Facts, .. parts.Keys, .. Enumerable.Range(0, _rows.Length).Select(_place.Rows)];
        foreach (var uri in there.Where(uri => !wanted.Contains(uri))) await _place.DeleteAsync(uri, cancellation).ConfigureAwait(false);
    }

    private IEnumerable<BadRow> BadRows() => BadRowReasons().Select(each =>
    {
        var (number, offset) = Manifest.Locate(each.Key);
        var group = Manifest.Groups[number];
        return new BadRow(Manifest.Shards[group.Shard].Info.Uri.ToString(), group.RowGroup, group.Pairs[offset].Row, each.Value);
    });

    private Dictionary<int, string> BadRowReasons() => _rows.SelectMany(shard => shard.Rows).Index()
        .Where(row => row.Item.Reason is not null).ToDictionary(row => row.Index, row => row.Item.Reason!);
}
