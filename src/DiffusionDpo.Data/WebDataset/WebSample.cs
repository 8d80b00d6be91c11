using DiffusionDpo.Data.Sources;

namespace DiffusionDpo.Data.WebDataset;

/// <summary>The members of a tar file that share a key: a row.</summary>
/// <param name="Key">Path of the members up to the first dot of their own name.</param>
/// <param name="Start">First byte of the first one's headers.</param>
internal sealed record WebSample(string Key, long Start)
{
    private static readonly string[] Images = ["jpg", "jpeg", "png", "webp"];

    private string? _twice;
    private bool _hasDottedKey;

    /// <summary>The preferred image.</summary>
    public TarMember? Winner { get; private set; }

    /// <summary>The other image.</summary>
    public TarMember? Loser { get; private set; }

    /// <summary>The prompt.</summary>
    public TarMember? Text { get; private set; }

    /// <summary>The byte after the last member.</summary>
    public long End { get; private set; }

    /// <summary>Whether anything of a row is there; other files may lie in an archive too.</summary>
    public bool IsRow => _hasDottedKey || (Winner ?? Loser ?? Text) is not null;

    /// <summary>The row as a manifest takes it.</summary>
    public ScannedRow Scanned => Problem() is { } problem ? ScannedRow.Bad($"{Printable.OneLine(Key)}: {problem}") : new ScannedRow(Verdict.FirstWins);

    /// <summary>Key and extension of a member; null: it belongs to no sample.</summary>
    public static (string Key, string Extension)? Split(string name)
    {
        var begin = name.LastIndexOf('/') + 1;
        var dot = name.IndexOf('.', begin);
        return dot <= begin ? null : (name[..dot], name[(dot + 1)..].ToLowerInvariant());
    }

    /// <summary>Takes in the next member of the key.</summary>
    public void Add(TarMember member, string extension)
    {
        End = member.End;
        if (extension == "txt") Text = Once(Text, member, "txt");
        else if (extension.StartsWith("w.", StringComparison.Ordinal) && Images.Contains(extension[2..])) Winner = Once(Winner, member, "w");
        else if (extension.StartsWith("l.", StringComparison.Ordinal) && Images.Contains(extension[2..])) Loser = Once(Loser, member, "l");
        else if (extension.Split('.') is [.., _, "w" or "l", var image] && Images.Contains(image)) _hasDottedKey = true;
    }

    private TarMember Once(TarMember? before, TarMember member, string what)
    {
        if (before is not null) _twice = what;
        return member;
    }

    private string? Problem()
    {
        if (Winner is null && _hasDottedKey) return "an image whose key has a dot: a key ends at the first dot of its name";
        if (Winner is not { } winner) return "no member .w.jpg, .w.png or .w.webp";
        if (Loser is not { } loser) return "no member .l.jpg, .l.png or .l.webp";
        if (Text is not { } text) return "no member .txt";
        if (_twice is not null) return $"two members .{_twice}";
        if (winner.Size == 0 || loser.Size == 0) return "an image without bytes";
        if (End - Start > EncodedImage.MostBytes) return $"members that span {End - Start} bytes, more than {EncodedImage.MostBytes}";
        return text.Size > WebDatasetShard.MostOfPrompt ? $"a prompt of {text.Size} bytes" : null;
    }
}
