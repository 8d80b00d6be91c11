using System.Text.RegularExpressions;

namespace DiffusionDpo.Models.Loading;

/// <summary>Where published weights differ from the names and shapes of today: the one list of what a strict load lets pass.</summary>
internal static partial class PublishedNames
{
    /// <summary>Today's name of a tensor: autoencoder files of before 2023 name the projections of their attention otherwise.</summary>
    public static string Current(string stored) => LegacyProjection().Replace(stored, static match =>
        match.Groups["block"].Value + match.Groups["projection"].Value switch
        {
            "query" => "to_q",
            "key" => "to_k",
            "value" => "to_v",
            _ => "to_out.0",
        });

    /// <summary>Today's shape of a tensor: those projections were 1×1 convolutions once, [C, C, 1, 1], and are matrices now.</summary>
    public static IReadOnlyList<long> CurrentShape(string stored, IReadOnlyList<long> shape) =>
        shape is [long rows, long columns, 1, 1] && LegacyProjection().IsMatch(stored) ? [rows, columns] : shape;

    /// <summary>Tensors of old files that are no parameters: the numbers from 0 up, which CLIP once kept as a buffer.</summary>
    public static bool IsIgnorable(string stored) => stored.EndsWith(".embeddings.position_ids", StringComparison.Ordinal);

    [GeneratedRegex(@"^(?<block>(encoder|decoder)\.mid_block\.attentions\.0\.)(?<projection>query|key|value|proj_attn)(?=\.(weight|bias)$)")]
    private static partial Regex LegacyProjection();
}
