using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DiffusionDpo.Shared;

/// <summary>
/// A real kube-apiserver with its etcd, on the loopback address, in a directory of its own; where there is a kube-controller-manager and it is
/// asked for, that too. All end with this object.
/// </summary>
internal sealed class RealControlPlane : IAsyncDisposable
{
    public const string Token = "conformance-admin";
    private const int RememberedLines = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kube-real-");
    private readonly List<Process> _processes = [];
    private readonly Dictionary<Process, Queue<string>> _logs = [];
    private readonly int _etcdPort = FreePort();
    private readonly int _apiPort = FreePort();

    private RealControlPlane()
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => IsOwn(certificate);
        Client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_apiPort}/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    /// <summary>The certificates that the server's own is checked with.</summary>
    public X509Certificate2Collection Authorities
    {
        get
        {
            X509Certificate2Collection all = [];
            all.ImportFromPemFile(CertificateFile);
            return all;
        }
    }

    /// <summary>Whether a kube-controller-manager looks after Jobs, garbage and service accounts.</summary>
    public bool HasControllers { get; private set; }

    private string CertificateFile => Path.Combine(_directory.FullName, "certificates", "apiserver.crt");

    /// <summary>The directory that KUBEBUILDER_ASSETS names, if both binaries are in it.</summary>
    public static string? Assets => Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } directory
        && File.Exists(Path.Combine(directory, "kube-apiserver")) && File.Exists(Path.Combine(directory, "etcd")) ? directory : null;

    public static async Task<RealControlPlane> StartAsync(string assets, bool withControllers = false)
    {
        var plane = new RealControlPlane();
        try
        {
            plane.StartEtcd(assets);
            plane.StartApiServer(assets);
            await plane.BecomeReadyAsync();
            if (withControllers) plane.StartControllers(assets);
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    /// <summary>Drops etcd's history up to a revision.</summary>
    public async Task CompactAsync(long revision)
    {
        using var etcd = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_etcdPort}/") };
        using var body = new StringContent($"{{\"revision\":\"{revision.ToString(CultureInfo.InvariantCulture)}\"}}", Encoding.UTF8, "application/json");
        (await etcd.PostAsync("v3/kv/compaction", body)).EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _directory.Delete(true);
    }

    private void StartEtcd(string assets)
    {
        var peer = FreePort();
        Start(Path.Combine(assets, "etcd"),
            $"--data-dir={Path.Combine(_directory.FullName, "etcd")}", "--unsafe-no-fsync",
            $"--listen-client-urls=http://127.0.0.1:{_etcdPort}", $"--advertise-client-urls=http://127.0.0.1:{_etcdPort}",
            $"--listen-peer-urls=http://127.0.0.1:{peer}");
    }

    private void StartApiServer(string assets)
    {
        using var key = RSA.Create(2048);
        var keyFile = WriteFile("service-account.key", key.ExportRSAPrivateKeyPem());
        var tokens = WriteFile("tokens.csv", $"{Token},kubernetes-admin,admin,system:masters\n");
        Start(Path.Combine(assets, "kube-apiserver"),
            $"--etcd-servers=http://127.0.0.1:{_etcdPort}", "--bind-address=127.0.0.1", $"--secure-port={_apiPort}",
            $"--cert-dir={Path.GetDirectoryName(CertificateFile)}", $"--token-auth-file={tokens}", "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction", "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            $"--service-account-key-file={keyFile}", $"--service-account-signing-key-file={keyFile}");
    }

    private void StartControllers(string assets)
    {
        var program = Path.Combine(assets, "kube-controller-manager");
        if (!File.Exists(program)) return;
        var kubeconfig = WriteFile("controllers.kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            clusters: [{ name: real, cluster: { server: "{{Address}}", certificate-authority: "{{CertificateFile}}" } }]
            users: [{ name: admin, user: { token: {{Token}} } }]
            contexts: [{ name: real, context: { cluster: real, user: admin } }]
            current-context: real
            """);
        Start(program, $"--kubeconfig={kubeconfig}", "--leader-elect=false", "--controllers=job,garbagecollector,serviceaccount,namespace", "--bind-address=127.0.0.1", $"--secure-port={FreePort()}",
            $"--cert-dir={Path.Combine(_directory.FullName, "controllers")}");
        HasControllers = true;
    }

    private string WriteFile(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private void Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        // A full pipe would stop it.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Remember(process, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    /// <summary>Whether all of it still runs.</summary>
    /// <exception cref="InvalidOperationException">A program ended; with the last of its log.</exception>
    public void ThrowIfDead()
    {
        if (_processes.Find(process => process.HasExited) is not { } dead) return;
        lock (_logs)
            throw new InvalidOperationException($"{dead.StartInfo.FileName} ended with {dead.ExitCode}:\n{string.Join('\n', _logs.GetValueOrDefault(dead) ?? [])}");
    }

    private void Remember(Process process, string? line)
    {
        if (line is null) return;
        lock (_logs)
        {
            if (!_logs.TryGetValue(process, out var lines)) _logs[process] = lines = new Queue<string>();
            lines.Enqueue(line);
            if (lines.Count > RememberedLines) lines.Dequeue();
        }
    }

    private async Task BecomeReadyAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            ThrowIfDead();
            try
            {
                using var answer = await Client.GetAsync("readyz", patience.Token);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(250, patience.Token);
        }
    }

    // The server makes its own certificate and writes it here.
    private bool IsOwn(X509Certificate? certificate)
    {
        using var own = X509CertificateLoader.LoadCertificateFromFile(CertificateFile);
        return certificate?.GetCertHashString() == own.GetCertHashString();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
