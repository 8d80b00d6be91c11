using System.Globalization;
using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Training.Checkpoints.Remote;

/// <summary>
/// The attempts at a run in object storage, as objects that are created once: <c>attempts/00000001.json</c>. Storage has no locks; whoever has the highest number owns the run, and
/// who is overtaken finds out before it writes again.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="directory">Where the objects are.</param>
/// <param name="time">The clock.</param>
internal sealed class RunAttempts(IObjectStore store, StorageUri directory, TimeProvider time)
{
    private const string Suffix = ".json";
    private const int MostBytes = 1 << 16;
    private const int MostTries = 16;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Claims the run for this process.</summary>
    /// <param name="parent">The checkpoint it goes on from; null: it begins at the base model.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="RunException">Storage failures, and a transient one where others claim without end.</exception>
    public int Begin(CheckpointManifest? parent)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            int number = Numbers().DefaultIfEmpty(0).Max() + 1;
            string owner = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}");
            AttemptRecord record = new(number, parent?.Attempt ?? 0, parent?.Position.Step ?? 0, owner, time.GetUtcNow());
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(record, Json);
            if (store.CreateAsync(Place(number), (into, stop) => into.WriteAsync(json, stop)).AsTask().GetAwaiter().GetResult()) return number;
        }

        throw new RunException(ExitClass.Transient, $"{directory}: other processes claim this run as fast as this one; end them");
    }

    /// <summary>Takes a claim back, as if it had never been.</summary>
    /// <param name="mine">This process's number.</param>
    /// <exception cref="RunException">Storage failures.</exception>
    public void Withdraw(int mine) => store.DeleteAsync(Place(mine)).AsTask().GetAwaiter().GetResult();

    /// <summary>Fails where another process has claimed the run since.</summary>
    /// <param name="mine">This process's number.</param>
    /// <exception cref="RunException">Configuration error: it has.</exception>
    public void RefuseIfOvertaken(int mine)
    {
        if (Numbers().Where(number => number > mine).Select(Read).OfType<AttemptRecord>().LastOrDefault() is not { } newest) return;
        string by = newest.Owner is { Length: > 0 } owner ? $" ({owner})" : "";
        throw new RunException(
            ExitClass.ConfigurationError, $"{directory}: another process{by} has taken over this run; this one writes nothing more. Let that one work, or end it and start again");
    }

    /// <summary>All attempts.</summary>
    /// <exception cref="RunException">Storage failures. Data error: one cannot be read.</exception>
    public AttemptLineage Lineage() => new(Numbers().Select(Read).OfType<AttemptRecord>().ToDictionary(record => record.Number));

    private int[] Numbers() =>
    [
        .. store.ListAsync(directory).ToBlockingEnumerable().Select(info => info.Uri.RelativeTo(directory))
            .Where(name => name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name => int.TryParse(name[..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)
            .Where(number => number > 0),
    ];

    /// <summary>An attempt's record; null: it was withdrawn since its number was listed.</summary>
    private AttemptRecord? Read(int number)
    {
        StorageUri place = Place(number);
        try
        {
            AttemptRecord? record = JsonSerializer.Deserialize<AttemptRecord>(SmallObject.Read(store, place, MostBytes), Json);
            return record?.Number == number ? record : throw new JsonException("it says another number");
        }
        catch (RunException e) when (e.ExitClass == ExitClass.InputMissing)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new RunException(ExitClass.DataError, $"{place} is no record of an attempt: {e.Message}; remove it", e);
        }
    }

    private StorageUri Place(int number) => directory.Combine(number.ToString("D8", CultureInfo.InvariantCulture) + Suffix);
}
