namespace KubeApi.Http;

/// <summary>The connection ends here without a proper end of the answer.</summary>
public sealed class ConnectionCutException() : IOException("the connection was cut");
