namespace DiffusionDpo.Api.Documents;

/// <summary>A place in a text; both numbers count from 1, 0 where the place is not known.</summary>
internal readonly record struct Position(int Line, int Column);
