namespace DiffusionDpo.Data.Sources;

/// <summary>What a row says about its two images.</summary>
internal enum Verdict
{
    /// <summary>The first image is preferred.</summary>
    FirstWins,

    /// <summary>The second image is preferred.</summary>
    SecondWins,

    /// <summary>Neither is: no pair.</summary>
    Tie,

    /// <summary>Nobody has compared them: no pair.</summary>
    Unlabelled,

    /// <summary>It should be a pair and cannot be one: a bad row.</summary>
    Bad,
}
