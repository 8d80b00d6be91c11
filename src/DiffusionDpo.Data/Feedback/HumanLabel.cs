namespace DiffusionDpo.Data.Feedback;

/// <summary>What people said of a row, as its character in a file of scores.</summary>
internal static class HumanLabel
{
    /// <summary>The first image is preferred.</summary>
    public const char First = '1';

    /// <summary>The second image is preferred.</summary>
    public const char Second = '2';

    /// <summary>Neither is.</summary>
    public const char Tie = 't';

    /// <summary>Nobody said anything.</summary>
    public const char None = 'u';

    /// <summary>A bad row.</summary>
    public const char Bad = 'x';

    /// <summary>All of them.</summary>
    public const string All = "12tux";
}
