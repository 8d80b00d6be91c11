using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;

namespace DiffusionDpo.Data.Sources;

/// <summary>
/// One open shard of any format: rows in groups, what their labels say, the captions and encoded images of some of them. What is wrong with
/// the shard is a <see cref="ExitClass.DataError"/> that names it; storage failures pass through. Serves one caller at a time.
/// </summary>
internal interface IShard : IDisposable
{
    /// <summary>All groups in order with the labels of their rows; no image is read.</summary>
    /// <param name="cancellation">Stops between two groups.</param>
    IAsyncEnumerable<ScannedGroup> ScanAsync(CancellationToken cancellation);

    /// <summary>Captions and encoded images of some rows of a group, and no more bytes of the shard than that takes.</summary>
    /// <param name="group">The group.</param>
    /// <param name="rows">Row numbers in the group, ascending.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<RowGroupContent> ReadAsync(GroupPlace group, IReadOnlyList<int> rows, CancellationToken cancellation);
}
