using System.Globalization;
using KubeApi.Errors;
using KubeApi.Http;

namespace KubeApi.Reads;

/// <summary>Opens watches.</summary>
internal static class WatchReader
{
    public static ApiResponse Watch(RequestContext context)
    {
        var options = new ListOptions(context);
        ListRules.CheckWatch(options);
        var text = options.ResourceVersionText;
        if (text.Length > 0 && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw Refusals.Internal(ListOptions.BadVersion(text));
        Negotiation.Choose(context);
        return new ApiResponse { Stream = new WatchStream(context, options).ReadAsync() };
    }
}
