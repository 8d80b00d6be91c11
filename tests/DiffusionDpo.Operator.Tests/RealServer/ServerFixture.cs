using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.Shared;
using k8s;
using KubeApi.Json;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>An API server with the definition and the operator's roles, as its manifests install them; the operator has no other rights.</summary>
public abstract class ServerFixture : IAsyncLifetime
{
    private const string Account = "diffusion-dpo-operator";
    private static readonly string[] s_manifests = ["namespace", "serviceaccounts", "roles", "rolebindings"];
    private string _operatorToken = "";

    /// <summary>Where the operator is installed.</summary>
    internal const string OperatorNamespace = "diffusion-dpo";

    /// <summary>Null where there is none.</summary>
    internal ServerAccess? Access { get; private set; }

    internal ApiUser Admin => new(Access!.Client, Access.AdminToken);

    public async ValueTask InitializeAsync()
    {
        Access = await StartAsync();
        if (Access is null) return;
        await CreateAllAsync(Repository.Path("crds", "dpofinetunes.diffusiondpo.io.yaml"));
        foreach (var name in s_manifests) await CreateAllAsync(Repository.Path("charts", "diffusion-dpo", "manifests", $"{name}.yaml"));
        await Eventually.HoldsAsync(async () => await Admin.FindAsync("/apis/diffusiondpo.io/v1alpha1/dpofinetunes") is not null, () => "the definition is not served");
        var request = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject { ["expirationSeconds"] = 3600 } };
        var answer = await Admin.CreateAsync($"/api/v1/namespaces/{OperatorNamespace}/serviceaccounts/{Account}/token", request);
        _operatorToken = answer.Object("status").Text("token")!;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await StopAsync();
    }

    /// <summary>How the operator connects: as its ServiceAccount.</summary>
    internal KubernetesClientConfiguration OperatorConfiguration() => new()
    {
        Host = $"{Access!.Client.BaseAddress}",
        AccessToken = _operatorToken,
        SslCaCerts = Access.Authorities,
    };

    /// <summary>Starts the server; null where there is none to start.</summary>
    private protected abstract Task<ServerAccess?> StartAsync();

    private protected abstract Task StopAsync();

    private async Task CreateAllAsync(string file)
    {
        foreach (var text in (await File.ReadAllTextAsync(file)).Split("\n---\n"))
        {
            var document = (JsonObject)YamlReader.Read(Encoding.UTF8.GetBytes(text))!;
            await Admin.CreateAsync(Path(document), document);
        }
    }

    private static string Path(JsonObject document)
    {
        var group = document.Text("apiVersion")!;
        var space = document.Metadata().Text("namespace") is { } name ? $"namespaces/{name}/" : "";
        return $"/{(group == "v1" ? "api" : "apis")}/{group}/{space}{document.Text("kind")!.ToLowerInvariant()}s";
    }
}
