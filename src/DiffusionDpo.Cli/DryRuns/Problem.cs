using System.Text.Json.Serialization;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>Why a run could not start, as it would say itself.</summary>
/// <param name="Class">The exit class.</param>
/// <param name="Message">One line.</param>
internal sealed record Problem([property: JsonConverter(typeof(JsonStringEnumConverter<ExitClass>))] ExitClass Class, string Message)
{
    /// <summary>The exit code.</summary>
    public int Code => (int)Class;
}
