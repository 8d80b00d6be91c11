using System.Text.Json.Nodes;

namespace KubeApi.Resources;

/// <summary>Two shapes of one object: as this resource shows it, and as it is stored.</summary>
public interface IVersionConversion
{
    JsonObject ToStored(JsonObject shown);

    JsonObject FromStored(JsonObject stored);
}
