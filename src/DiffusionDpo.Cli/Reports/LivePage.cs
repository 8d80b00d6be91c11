using System.Security.Cryptography;
using System.Text;

namespace DiffusionDpo.Cli.Reports;

/// <summary>
/// What a page needs that is read while the run is at work: it takes its new content from where it came from. Once nobody answers there it
/// keeps what it has and names the file; a page that were simply loaded anew would then be an error of the browser.
/// </summary>
/// <param name="Period">Time between two looks.</param>
/// <param name="File">Where the report is once the run has ended.</param>
internal sealed record LivePage(TimeSpan Period, string File)
{
    private static readonly Lazy<string> s_script = new(() =>
    {
        using Stream script = typeof(LivePage).Assembly.GetManifestResourceStream("live.js")!;
        return new StreamReader(script).ReadToEnd();
    });

    /// <summary>What the page's policy must allow: this script, and asking the server.</summary>
    public static string Policy => $"; connect-src 'self'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(s_script.Value)))}'";

    /// <summary>For browsers that run no scripts.</summary>
    public string Head => $"<noscript><meta http-equiv=\"refresh\" content=\"{(int)Period.TotalSeconds}\"></noscript>";

    /// <summary>After the content.</summary>
    public string Foot =>
        $"<p id=\"live\" data-period=\"{(long)Period.TotalMilliseconds}\" data-file=\"{Html.Text(File)}\">Live: this page keeps itself up to date.</p><script>{s_script.Value}</script>";
}
