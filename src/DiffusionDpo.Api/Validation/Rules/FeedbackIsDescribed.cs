using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Validation.Rules;

/// <summary>A scorer and the labels that come from it go together.</summary>
internal static class FeedbackIsDescribed
{
    public const string Path = "data.feedback.model";
    public const string Cel = "(self.data.labels == 'aiFeedback') == (self.data.feedback.model != '')";
    public const string Message = "belongs to data.labels aiFeedback, which needs it — give both or neither";

    public static readonly FineTuneRule Rule = new(
        Path, Cel, Message, spec => spec.Data.Labels == LabelSource.AiFeedback == spec.Data.Feedback.Model.Length > 0);
}
