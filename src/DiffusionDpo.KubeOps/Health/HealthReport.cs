using System.Text;

namespace DiffusionDpo.KubeOps.Health;

/// <summary>The answer to a health request, in the form that the API server's own endpoints have.</summary>
/// <param name="IsOk">Whether all checks passed.</param>
/// <param name="Text">A line for each check, and one for them all.</param>
internal sealed record HealthReport(bool IsOk, string Text)
{
    public static HealthReport Of(string endpoint, IEnumerable<(string Name, Func<bool> IsOk)> checks)
    {
        var text = new StringBuilder();
        var isOk = true;
        foreach (var (name, check) in checks)
        {
            var passed = Passes(check);
            text.Append(passed ? "[+]" : "[-]").Append(name).Append(passed ? " ok\n" : " failed\n");
            isOk &= passed;
        }

        return new HealthReport(isOk, text.Append(endpoint).Append(isOk ? " check passed\n" : " check failed\n").ToString());
    }

    // A check that throws is a check that failed, not a server that failed.
    private static bool Passes(Func<bool> check)
    {
        try
        {
            return check();
        }
        catch (Exception)
        {
            return false;
        }
    }
}
