using System.Text;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>Texts that fit into an event: the API server refuses longer ones.</summary>
internal static class EventText
{
    private const int NoteBytes = 1024;
    private const int NameLength = 253;
    private const string Ellipsis = "…";

    /// <summary>A note of at most 1 KiB in UTF-8, never cut within a character.</summary>
    public static string Note(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= NoteBytes) return note;
        var room = NoteBytes - Encoding.UTF8.GetByteCount(Ellipsis);
        var length = 0;
        foreach (var rune in note.EnumerateRunes())
        {
            if (rune.Utf8SequenceLength > room) break;
            room -= rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return note[..length] + Ellipsis;
    }

    /// <summary>The name of an event: its object's, and something that no other event of the object has.</summary>
    public static string Name(string objectName, string unique)
    {
        var room = NameLength - unique.Length - 1;
        // A DNS label does not end with these.
        var start = objectName.Length <= room ? objectName : objectName[..room].TrimEnd('.', '-');
        return $"{start}.{unique}";
    }
}
