namespace DiffusionDpo.Api.Validation;

/// <summary>One thing that is wrong with a document.</summary>
/// <param name="Path">The field, such as spec.data.sources[0].uri.</param>
/// <param name="Line">Line in the file, from 1; 0 where there is no file.</param>
/// <param name="Column">Column in the file, from 1; 0 where there is no file.</param>
/// <param name="Message">What is wrong and what to do about it, on one line.</param>
public sealed record ValidationError(string Path, int Line, int Column, string Message)
{
    /// <summary>The line a user reads: file, place, field, message.</summary>
    /// <param name="file">Name of the file.</param>
    public string Describe(string file) => Line > 0 ? $"{file}:{Line}:{Column}: {Describe()}" : $"{file}: {Describe()}";

    /// <summary>Field and message.</summary>
    public string Describe() => Path.Length > 0 ? $"{Path}: {Message}" : Message;
}
