namespace DiffusionDpo.Operator.Attempts;

/// <summary>What keeps a pod from running.</summary>
/// <param name="Reason">In one word.</param>
/// <param name="Sentence">What it is and what to change.</param>
/// <param name="NeedsSomebody">It does not pass by itself.</param>
internal sealed record PodProblem(string Reason, string Sentence, bool NeedsSomebody);
