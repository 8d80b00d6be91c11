using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Tests.Crds;

/// <summary>A kind that uses the attributes that the fine-tune does not.</summary>
[KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "EveryAttribute", PluralName = "everyattributes")]
public sealed class EveryAttribute : CustomKubernetesEntity<EveryAttribute.Content>
{
    public sealed record Content
    {
        [Description("said by attribute")]
        public string? Described { get; init; }

        [EnumValues("a", "b")]
        public string? Chosen { get; init; }

        [DefaultValue(7)]
        public int? Defaulted { get; init; }

        [PreserveUnknownFields]
        public Inner Open { get; init; } = new();

        [Ignore]
        public string? Left { get; init; }
    }

    public sealed record Inner;
}
