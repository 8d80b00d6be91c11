using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks the requirement GLIBCXX_3.4.32 of an ELF library as weak (VER_FLG_WEAK on its .gnu.version_r entry, and the one symbol that
/// carries it, which nothing relocates against), so that it loads with an older libstdc++. Does nothing where the host has that version.
/// </summary>
public class WeakenGlibcxx : Task
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";
    private const uint SectionVersionNeeded = 0x6ffffffe;
    private const uint SectionDynamicSymbols = 11;

    [Required]
    public string Library { get; set; }

    public override bool Execute()
    {
        if (HostHasVersion()) return true;

        byte[] elf = File.ReadAllBytes(Library);
        bool changed = false;
        foreach (int section in Sections(elf))
        {
            uint type = BitConverter.ToUInt32(elf, section + 4);
            if (type == SectionVersionNeeded) changed |= WeakenVersion(elf, section);
            if (type == SectionDynamicSymbols) changed |= WeakenSymbol(elf, section);
        }

        if (!changed) return true;

        // The output may be a hard link to the package's own file: write a new file and swap it in.
        string temporary = Library + ".weak";
        File.WriteAllBytes(temporary, elf);
        File.Delete(Library);
        File.Move(temporary, Library);
        Log.LogMessage(MessageImportance.Low, "libstdc++ here is older than GCC 13's: {0} of {1} made weak", Version, Library);
        return true;
    }

    private static bool HostHasVersion()
    {
        string[] places = { "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/lib64/libstdc++.so.6", "/usr/lib/libstdc++.so.6", "/lib64/libstdc++.so.6" };
        string found = places.FirstOrDefault(File.Exists);
        return found != null && IndexOf(File.ReadAllBytes(found), Encoding.ASCII.GetBytes(Version + "\0")) >= 0;
    }

    private static int[] Sections(byte[] elf)
    {
        long table = BitConverter.ToInt64(elf, 0x28);
        int size = BitConverter.ToUInt16(elf, 0x3A);
        int count = BitConverter.ToUInt16(elf, 0x3C);
        return Enumerable.Range(0, count).Select(i => (int)table + i * size).ToArray();
    }

    private static int FileOffset(byte[] elf, int section) => (int)BitConverter.ToInt64(elf, section + 0x18);

    private static int StringTable(byte[] elf, int section) => FileOffset(elf, Sections(elf)[BitConverter.ToInt32(elf, section + 0x28)]);

    private static bool WeakenVersion(byte[] elf, int section)
    {
        int strings = StringTable(elf, section);
        bool changed = false;
        for (int need = FileOffset(elf, section), next = 1; next != 0; need += next)
        {
            int count = BitConverter.ToUInt16(elf, need + 2);
            int entry = need + BitConverter.ToInt32(elf, need + 8);
            next = BitConverter.ToInt32(elf, need + 12);
            for (int i = 0; i < count; i++, entry += BitConverter.ToInt32(elf, entry + 12))
            {
                if (Name(elf, strings + BitConverter.ToInt32(elf, entry + 8)) != Version || (elf[entry + 4] & 2) != 0) continue;
                elf[entry + 4] |= 2; // VER_FLG_WEAK
                changed = true;
            }
        }

        return changed;
    }

    private static bool WeakenSymbol(byte[] elf, int section)
    {
        int strings = StringTable(elf, section);
        long bytes = BitConverter.ToInt64(elf, section + 0x20);
        bool changed = false;
        for (int symbol = FileOffset(elf, section), end = symbol + (int)bytes; symbol < end; symbol += 24)
        {
            if (Name(elf, strings + BitConverter.ToInt32(elf, symbol)) != Symbol || elf[symbol + 4] >> 4 == 2) continue;
            elf[symbol + 4] = (byte)((2 << 4) | (elf[symbol + 4] & 15)); // STB_WEAK
            changed = true;
        }

        return changed;
    }

    private static string Name(byte[] elf, int offset) => Encoding.ASCII.GetString(elf, offset, Array.IndexOf(elf, (byte)0, offset) - offset);

    private static int IndexOf(byte[] data, byte[] pattern)
    {
        for (int at = Array.IndexOf(data, pattern[0]); at >= 0 && at + pattern.Length <= data.Length; at = Array.IndexOf(data, pattern[0], at + 1))
        {
            int length = 0;
            while (length < pattern.Length && data[at + length] == pattern[length]) length++;
            if (length == pattern.Length) return at;
        }

        return -1;
    }
}
