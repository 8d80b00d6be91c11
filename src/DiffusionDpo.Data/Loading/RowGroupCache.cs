namespace DiffusionDpo.Data.Loading;

/// <summary>The row groups read last. A group that several threads want at once is read by one of them. Thread-safe.</summary>
/// <param name="capacity">Groups kept.</param>
/// <param name="read">Reads a group by its number.</param>
internal sealed class RowGroupCache(int capacity, Func<int, RowGroupContent> read)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, LinkedListNode<(int Group, Lazy<RowGroupContent> Content)>> _nodes = [];
    private readonly LinkedList<(int Group, Lazy<RowGroupContent> Content)> _byRecency = [];

    /// <summary>The content of a group, read if it is not kept.</summary>
    public RowGroupContent Get(int group) => Claim(group).Value;

    private Lazy<RowGroupContent> Claim(int group)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(group, out var node))
                _byRecency.Remove(node);
            else
                _nodes.Add(group, node = new((group, new Lazy<RowGroupContent>(() => read(group)))));
            _byRecency.AddFirst(node);
            if (_byRecency.Count > capacity)
            {
                _nodes.Remove(_byRecency.Last!.Value.Group);
                _byRecency.RemoveLast();
            }

            return node.Value.Content;
        }
    }
}
