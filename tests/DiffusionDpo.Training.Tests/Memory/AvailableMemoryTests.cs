using DiffusionDpo.Training.Memory;
using Xunit;

namespace DiffusionDpo.Training.Tests.Memory;

public sealed class AvailableMemoryTests : IDisposable
{
    private const long Mebi = 1 << 20;

    private readonly string root = Directory.CreateTempSubdirectory("ddpo-memory-").FullName;

    [Fact]
    public void What_is_free_and_what_the_process_has_already_are_there_for_it()
    {
        Write("proc/meminfo", "MemTotal:       24000000 kB\nMemFree:          1024 kB\nMemAvailable:     10240 kB\n");
        Write("proc/self/status", "Name:\tddpo\nVmHWM:\t    9999 kB\nVmRSS:\t    2048 kB\n");
        Assert.Equal(12 * Mebi, AvailableMemory.Read(root));
    }

    [Theory]
    [InlineData("0::/\n", "sys/fs/cgroup/memory.max")]
    [InlineData("0::/pods/one\n", "sys/fs/cgroup/pods/one/memory.max")]
    [InlineData("0::/pods/one\n", "sys/fs/cgroup/pods/memory.max")]
    [InlineData("4:memory:/pods/one\n", "sys/fs/cgroup/memory/memory.limit_in_bytes")]
    public void The_limit_of_any_control_group_counts(string groups, string limit)
    {
        Write("proc/meminfo", "MemAvailable:     10240 kB\n");
        Write("proc/self/cgroup", groups);
        Write(limit, $"{3 * Mebi}\n");
        Assert.Equal(3 * Mebi, AvailableMemory.Read(root));
    }

    [Fact]
    public void No_limit_limits_nothing_and_where_nothing_is_said_nothing_is_known()
    {
        Assert.Null(AvailableMemory.Read(root));
        Write("sys/fs/cgroup/memory.max", "max\n");
        Assert.Null(AvailableMemory.Read(root));
        Write("proc/meminfo", "MemAvailable:     10240 kB\n");
        Assert.Equal(10 * Mebi, AvailableMemory.Read(root));
    }

    [Fact]
    public void This_machine_has_some() => Assert.InRange(AvailableMemory.OfThisProcess()!.Value, 1 << 26, 1L << 50);

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Write(string path, string text)
    {
        string file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
