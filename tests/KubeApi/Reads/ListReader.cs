using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>Lists: the whole collection or a page of it, now or as it was.</summary>
internal static class ListReader
{
    public static async Task<ApiResponse> ListAsync(RequestContext context, CancellationToken cancellation)
    {
        var options = new ListOptions(context);
        ListRules.CheckList(options);
        var token = options.Continue.Length > 0 ? ContinueToken.Decode(options.Continue) : null;
        if (token is not null && options.ResourceVersionText is not ("" or "0"))
            throw Refusals.BadRequest("specifying resource version is not allowed when using continue");
        var version = ListOptions.ParseVersion(options.ResourceVersionText);
        await Freshness.WaitAsync(context.Server, version, cancellation);
        var page = token is null ? First(context, options, version) : Next(context, options, token);
        return Presentation.Many(context, page);
    }

    private static ListPage First(RequestContext context, ListOptions options, long version)
    {
        // Without a match rule, a version together with a limit means exactly that version, a relic of the first paged lists.
        var exact = options.Match == "Exact" || options.Match.Length == 0 && version > 0 && options.Limit > 0;
        if (exact)
            return Page(context, options, Past(context, version, null), version, null, options.Limit);
        var (objects, now) = context.Server.Store.List(context.Type.StoredIn);
        var ignoresLimit = options.ResourceVersionText == "0";
        return Page(context, options, objects.Values, now, null, ignoresLimit ? 0 : options.Limit);
    }

    private static ListPage Next(RequestContext context, ListOptions options, ContinueToken token)
    {
        if (token.ResourceVersion >= 0)
        {
            var limit = options.ResourceVersionText == "0" ? 0 : options.Limit;
            return Page(context, options, Past(context, token.ResourceVersion, token), token.ResourceVersion, token, limit);
        }

        var (objects, now) = context.Server.Store.List(context.Type.StoredIn);
        return Page(context, options, objects.Values, now, token, options.Limit);
    }

    private static IEnumerable<StoredObject> Past(RequestContext context, long version, ContinueToken? token)
    {
        try
        {
            return context.Server.Store.ListAt(context.Type.StoredIn, version).Values;
        }
        catch (CompactedException) when (token is not null)
        {
            var fresh = new ContinueToken(-1, token.Start).Encode();
            throw new ApiException(410, "Expired", "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.")
            {
                Continue = fresh,
            };
        }
        catch (CompactedException)
        {
            throw Refusals.Expired("The resourceVersion for the provided list is too old.");
        }
    }

    private static ListPage Page(
        RequestContext context, ListOptions options, IEnumerable<StoredObject> all, long version, ContinueToken? token, long limit)
    {
        var scope = context.Type.Namespaced ? context.Target.Namespace : "";
        var items = new List<StoredObject>();
        long remaining = 0;
        foreach (var item in all)
        {
            if (!options.Selects(item) || token is not null && !token.Precedes(item.Key, scope))
                continue;
            if (limit > 0 && items.Count >= limit)
                remaining++;
            else
                items.Add(item);
        }

        if (remaining == 0)
            return new ListPage(items, version, "", null);
        var last = items[^1].Key;
        var next = new ContinueToken(version, (scope.Length > 0 ? last.Name : last.ToString()) + "\0");
        return new ListPage(items, version, next.Encode(), options.HasSelector ? null : remaining);
    }
}
