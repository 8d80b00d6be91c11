using System.Net;
using System.Text;
using DiffusionDpo.Cli.Reports;
using DiffusionDpo.Cli.Tests.Browsing;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

/// <summary>A live page in a real browser.</summary>
public sealed class LiveTests(Chromium browser)
{
    private static readonly LivePage s_live = new(TimeSpan.FromMilliseconds(50), "/runs/tiny/report.html");

    /// <summary>That it has said so, and ten periods more.</summary>
    private const string Ended = "document.getElementById('live').className === 'ended' && performance.now() > (window.quiet ??= performance.now() + 500)";

    [Fact]
    public async Task A_live_page_follows_the_run_and_says_so_when_the_run_has_ended()
    {
        using HttpListener server = Listen(out Uri address);
        int asked = 0;
        Task answering = Task.Run(() => AnswerAsync(server, () => Page(Interlocked.Increment(ref asked)), answers: 5), TestContext.Current.CancellationToken);
        PageVisit visit = await browser.VisitAsync(address, new(390, IsDark: false) { Until = Ended });
        await answering;
        Assert.Equal(5, asked);
        string text = (string)visit.Facts["text"]!;
        Assert.Contains("step 5 of 100", text, StringComparison.Ordinal); // what it was told last stays
        Assert.Contains("The run no longer answers: this is what it told last. Its report is in /runs/tiny/report.html", text, StringComparison.Ordinal);
        Assert.Contains("net::ERR_CONNECTION_REFUSED", Assert.Single(visit.Problems), StringComparison.Ordinal); // its last question: it asks no more
    }

    private static string Page(int steps) => new ReportPage(TinyFacts.Of(Enumerable.Range(1, steps).Select(step => LogLines.Step(step)), isFinished: false)).ToHtml(s_live);

    private static HttpListener Listen(out Uri address)
    {
        using System.Net.Sockets.TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
        free.Stop();
        HttpListener server = new();
        server.Prefixes.Add(address.ToString());
        server.Start();
        return server;
    }

    private static async Task AnswerAsync(HttpListener server, Func<string> page, int answers)
    {
        for (int answer = 0; answer < answers; answer++)
        {
            HttpListenerContext asked = await server.GetContextAsync();
            asked.Response.ContentType = "text/html; charset=utf-8";
            asked.Response.KeepAlive = false;
            byte[] bytes = Encoding.UTF8.GetBytes(page());
            await asked.Response.OutputStream.WriteAsync(bytes);
            asked.Response.Close();
        }

        server.Stop();
    }
}
