using DiffusionDpo.KubeOps.Caching;

namespace DiffusionDpo.KubeOps.Tests.Builder;

internal sealed record MapView(ObjectKey Key, string Uid, string Value, ObjectKey? Owner);
