using System.ComponentModel;
using System.Diagnostics;

namespace DiffusionDpo.Cli.Processes;

/// <summary>The user's browser.</summary>
internal static class Browser
{
    /// <summary>Opens a page; false where there is no browser.</summary>
    /// <param name="page">Its address.</param>
    public static bool Open(Uri page)
    {
        try
        {
            using Process? started = Process.Start(new ProcessStartInfo(page.AbsoluteUri) { UseShellExecute = true });
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
