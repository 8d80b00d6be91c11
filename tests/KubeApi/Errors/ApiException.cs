using System.Text.Json.Nodes;

namespace KubeApi.Errors;

/// <summary>A request is refused: a Status object. Translated into a response in one place, <see cref="ApiServer"/>.</summary>
public sealed class ApiException(int code, string? reason, string message, JsonObject? details = null, int? retryAfter = null)
    : Exception(message)
{
    public int Code { get; } = code;

    public int? RetryAfter { get; } = retryAfter;

    /// <summary>metadata.continue of an Expired list.</summary>
    public string? Continue { get; init; }

    /// <summary>Warnings that go out with the refusal.</summary>
    public List<string> Warnings { get; } = [];

    public JsonObject Status()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = Continue is null ? new JsonObject() : new JsonObject { ["continue"] = Continue },
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (reason is not null)
            status["reason"] = reason;
        if (details is not null)
            status["details"] = details.DeepClone();
        status["code"] = Code;
        return status;
    }
}
