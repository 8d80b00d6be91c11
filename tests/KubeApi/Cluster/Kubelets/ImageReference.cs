using System.Text.RegularExpressions;

namespace KubeApi.Cluster.Kubelets;

/// <summary>The grammar of image names: domain and path, a tag, a digest.</summary>
internal static partial class ImageReference
{
    /// <summary>What is wrong with a name; null = nothing.</summary>
    public static string? Problem(string image)
    {
        if (Reference().IsMatch(image))
            return null;
        return Reference().IsMatch(image.ToLowerInvariant()) ? "invalid reference format: repository name must be lowercase" : "invalid reference format";
    }

    [GeneratedRegex(@"^(?:(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-fA-F]{32,})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
