using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using k8s.Models;

namespace DiffusionDpo.Operator.Objects;

/// <summary>Metadata that all objects of a run share.</summary>
internal static class RunLabels
{
    /// <summary>What managed-by says.</summary>
    public const string Operator = "ddpo-operator";

    /// <summary>Metadata of an object of a run, owned by the fine-tune: it goes when the fine-tune goes.</summary>
    public static V1ObjectMeta Metadata(DpoFineTune fineTune, string name) => new()
    {
        Name = name,
        NamespaceProperty = fineTune.Metadata.NamespaceProperty,
        Labels = Run(fineTune),
        OwnerReferences =
        [
            new V1OwnerReference
            {
                ApiVersion = fineTune.ApiVersion,
                Kind = fineTune.Kind,
                Name = fineTune.Metadata.Name,
                Uid = fineTune.Metadata.Uid,
                Controller = true,
                BlockOwnerDeletion = true,
            },
        ],
    };

    /// <summary>Labels of every object of a run.</summary>
    public static Dictionary<string, string> Run(DpoFineTune fineTune) => new()
    {
        [LabelKeys.ManagedBy] = Operator,
        [LabelKeys.FineTune] = fineTune.Metadata.Name,
        [LabelKeys.RunId] = fineTune.Spec.RunId,
    };

    /// <summary>Labels of every object of an attempt.</summary>
    public static Dictionary<string, string> Attempt(DpoFineTune fineTune, AttemptStatus attempt) => new(Run(fineTune))
    {
        [LabelKeys.Stage] = RunNames.Word(attempt.Stage),
        [LabelKeys.Attempt] = $"{attempt.Number}",
    };
}
