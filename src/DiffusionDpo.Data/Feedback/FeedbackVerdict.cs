namespace DiffusionDpo.Data.Feedback;

/// <summary>What a scorer says of a row.</summary>
internal enum FeedbackVerdict
{
    /// <summary>The first image is better.</summary>
    First,

    /// <summary>The second image is better.</summary>
    Second,

    /// <summary>Neither is, by more than the threshold.</summary>
    Tie,
}
