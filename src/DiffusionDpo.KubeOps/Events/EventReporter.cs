namespace DiffusionDpo.KubeOps.Events;

/// <summary>Who tells of events.</summary>
/// <param name="Controller">The program, such as example.com/operator.</param>
/// <param name="Instance">The process, such as its pod's name; at most 128 characters.</param>
public sealed record EventReporter(string Controller, string Instance);
