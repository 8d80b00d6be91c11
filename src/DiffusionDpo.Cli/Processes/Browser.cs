using System.ComponentModel;
using System.Diagnostics;

namespace DiffusionDpo.Cli.Processes;

/// <summary>The user's browser.</summary>
internal static class Browser
{
    /// <summary>Longer than the desktop's opener takes to find that there is no browser; one that found it may stay as long as the browser.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>Opens a page; false where there is no browser.</summary>
    /// <param name="page">Its address.</param>
    public static bool Open(Uri page)
    {
        try
        {
            // What the opener and the browser write is nobody's output.
            using Process opener = Process.Start("/bin/sh", ["-c", "exec xdg-open \"$0\" </dev/null >/dev/null 2>&1", page.AbsoluteUri]);
            return !opener.WaitForExit(s_patience) || opener.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
