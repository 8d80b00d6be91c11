using System.Globalization;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Training.ReferenceErrors;

/// <summary>Where the errors of one identity lie. Every object is written once; runs that share it add to each other's.</summary>
internal sealed class ErrorPlace
{
    private const string Directory = "reference-errors";
    private const int HashLength = 16;
    private const int AtOnce = 8;
    private const long MostBytes = 1 << 30;

    private readonly IObjectStore store;
    private readonly StorageUri place;
    private readonly ReferenceIdentity identity;

    /// <param name="stores">Where the cache is.</param>
    /// <param name="cache">data.cacheUri.</param>
    /// <param name="identity">Of the errors.</param>
    public ErrorPlace(Stores stores, StorageUri cache, ReferenceIdentity identity) =>
        (store, place, this.identity) = (stores.For(cache), cache.Combine($"{Directory}/{identity.Key}"), identity);

    /// <summary>The directory.</summary>
    public StorageUri Uri => place;

    /// <summary>Reads all that is there.</summary>
    /// <param name="errors">Takes it in.</param>
    /// <param name="onDamage">Told of objects that cannot be used, and why; what was in them counts as not there.</param>
    /// <param name="stop">Ends it.</param>
    public void Read(VisitErrors errors, Action<string> onDamage, CancellationToken stop) => Parallel.ForEachAsync(
        store.ListAsync(place, stop).Where(info => info.Uri.Name.EndsWith(".bin", StringComparison.Ordinal)),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
        async (info, cancellation) =>
        {
            try
            {
                if (info.Size > MostBytes) throw new InvalidDataException($"it has {info.Size} bytes");
                var bytes = new byte[info.Size];
                await store.ReadAsync(info.Uri, 0, bytes, cancellation).ConfigureAwait(false);
                foreach (ReferenceError error in ErrorObject.Decode(bytes)) errors.Set(error);
            }
            catch (InvalidDataException exception)
            {
                lock (errors) onDamage($"{info.Uri} cannot be used: {exception.Message}; its errors are computed again");
            }
        }).GetAwaiter().GetResult();

    /// <summary>Writes errors, whole or not at all.</summary>
    /// <param name="errors">At least one.</param>
    /// <exception cref="RunException">Storage failed.</exception>
    public void Write(IReadOnlyList<ReferenceError> errors)
    {
        byte[] bytes = ErrorObject.Encode(errors), text = Encoding.UTF8.GetBytes(identity.ToJson());
        string name = string.Create(CultureInfo.InvariantCulture, $"{errors[0].Visit:D12}-{Convert.ToHexStringLower(bytes.AsSpan(^HashLength..))}.bin");
        store.CreateAsync(place.Combine("identity.json"), (to, stop) => to.WriteAsync(text, stop)).AsTask().GetAwaiter().GetResult();
        store.WriteAsync(place.Combine(name), (to, stop) => to.WriteAsync(bytes, stop)).AsTask().GetAwaiter().GetResult();
    }
}
