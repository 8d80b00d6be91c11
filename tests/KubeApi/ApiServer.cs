using System.Globalization;
using System.Text.Json;
using KubeApi.Authorization;
using KubeApi.Discovery;
using KubeApi.Errors;
using KubeApi.Faults;
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
        Faults = new FaultInjector(this);
        Authenticator = new Authenticator(Options.AdminToken);
        foreach (var type in BuiltinResources.All())
            Resources.Serve(type);
        Bootstrap.Fill(this);
        Store.Compact(Store.ResourceVersion);
    }

    public ApiServerOptions Options { get; }

    public TimeProvider Time => Options.Time;

    public ObjectStore Store { get; }

    public ResourceRegistry Resources { get; } = new();

    /// <summary>Lets requests go wrong.</summary>
    public FaultInjector Faults { get; }

    public Authenticator Authenticator { get; }

    public NameSource Names { get; }

    /// <summary>The time as metadata writes it.</summary>
    public string Now => Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A handler for HTTP clients in this process: no sockets, streaming watches included.</summary>
    public DelegatingHandler CreateHandler() => new InProcessHandler(this);

    public Task<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellation = default) =>
        AnswerAsync(request, () => Faults.HandleAsync(request, () => DispatchAsync(request, cancellation), cancellation));

    /// <summary>For the control plane, which injected faults are not about.</summary>
    internal Task<ApiResponse> HandleUndisturbedAsync(ApiRequest request) => AnswerAsync(request, () => DispatchAsync(request, CancellationToken.None));

    private static async Task<ApiResponse> AnswerAsync(ApiRequest request, Func<Task<ApiResponse>> handle)
    {
        try
        {
            return await handle();
        }
        catch (ApiException refusal)
        {
            // A client that takes protobuf alone is told so in protobuf.
            var answer = refusal.Code == 406 && request.Header("Accept") == ProtobufStatus.ContentType
                ? new ApiResponse { Status = 406, ContentType = ProtobufStatus.ContentType, Body = ProtobufStatus.Write(refusal, "NotAcceptable") }
                : ApiResponse.Json(refusal.Code, refusal.Status());
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
        var user = Authenticator.Authenticate(request);
        AccessControl.Check(this, user, request, target);
        if (target is null)
            return DiscoveryEndpoint.Answer(this, request);
        if (Resources.Find(target.Group, target.Version, target.Resource) is not { } type)
            return Unknown(target);
        var context = new RequestContext(this, request, target, type) { User = user };
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

    // A builtin group answers for itself; of other groups nothing is known.
    private ApiResponse Unknown(RequestTarget target) =>
        Resources.All.Any(type => type.Group == target.Group && type.Version == target.Version && !type.IsCustom)
            ? throw Refusals.NoSuchResource()
            : ApiResponse.Text(404, "404 page not found\n");

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
