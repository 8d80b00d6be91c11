using System.Runtime.InteropServices;

namespace KubeApi.Cluster.Processes;

internal static class Signals
{
    public static bool Send(int process, int signal) => kill(process, signal) == 0;

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
