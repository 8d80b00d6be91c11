using System.Globalization;
using System.Text.Json;
using KubeApi.Discovery;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Reads;
using KubeApi.Resources;
using KubeApi.Storage;
using KubeApi.Writes;

namespace KubeApi;

/// <summary>
/// A Kubernetes API server for tests: what a request means is decided here, and HTTP (<see cref="KestrelHost"/>) and clients in this
/// process (<see cref="CreateHandler"/>) are two ways in.
/// </summary>
public sealed class ApiServer
{
    public ApiServer(ApiServerOptions? options = null)
    {
        Options = options ?? new ApiServerOptions();
        Store = new ObjectStore { HistoryLimit = Options.HistoryLimit };
        Names = new NameSource(Options.Seed);
        foreach (var type in BuiltinResources.All())
            Resources.Serve(type);
        Bootstrap.Fill(this);
        Store.Compact(Store.ResourceVersion);
    }

    public ApiServerOptions Options { get; }

    public TimeProvider Time => Options.Time;

    public ObjectStore Store { get; }

    public ResourceRegistry Resources { get; } = new();

    public NameSource Names { get; }

    /// <summary>The time as metadata writes it.</summary>
    public string Now => Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A handler for HTTP clients in this process: no sockets, streaming watches included.</summary>
    public HttpMessageHandler CreateHandler() => new InProcessHandler(this);

    public async Task<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellation = default)
    {
        try
        {
            return await DispatchAsync(request, cancellation);
        }
        catch (ApiException refusal)
        {
            var answer = ApiResponse.Json(refusal.Code, refusal.Status());
            if (refusal.RetryAfter is { } seconds)
                answer.Headers.Add(new("Retry-After", seconds.ToString(CultureInfo.InvariantCulture)));
            foreach (var warning in refusal.Warnings)
                answer.Warn(warning);
            return answer;
        }
    }

    private async Task<ApiResponse> DispatchAsync(ApiRequest request, CancellationToken cancellation)
    {
        var target = RequestTarget.Parse(request.Path);
        if (target is null)
            return DiscoveryEndpoint.Answer(this, request);
        if (Resources.Find(target.Group, target.Version, target.Resource) is not { } type)
            return ApiResponse.Text(404, "404 page not found\n");
        var context = new RequestContext(this, request, target, type);
        try
        {
            var answer = await VerbAsync(context, cancellation);
            foreach (var warning in context.Warnings)
                answer.Warn(warning);
            return answer;
        }
        catch (ApiException refusal)
        {
            refusal.Warnings.AddRange(context.Warnings);
            throw;
        }
        catch (JsonException error)
        {
            throw Refusals.BadRequest(error.Message);
        }
    }

    private static async Task<ApiResponse> VerbAsync(RequestContext context, CancellationToken cancellation) => context.Verb switch
    {
        "get" => await ObjectReader.GetAsync(context, cancellation),
        "list" => await ListReader.ListAsync(context, cancellation),
        "watch" => WatchReader.Watch(context),
        "create" => Creation.Create(context),
        "update" => Replacement.Update(context),
        "patch" => Patching.Patch(context),
        "delete" => Deletion.Delete(context),
        "deletecollection" => Deletion.DeleteCollection(context),
        _ => throw Refusals.MethodNotAllowed(),
    };
}
