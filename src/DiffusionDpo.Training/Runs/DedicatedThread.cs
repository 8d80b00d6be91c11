using System.Runtime.ExceptionServices;

namespace DiffusionDpo.Training.Runs;

/// <summary>Gradient mode and dispose scopes of tensors are states of a thread: work with them has one of its own from start to end.</summary>
internal static class DedicatedThread
{
    /// <summary>Runs work on a new thread and waits for it.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="work">The work; its exception is thrown here as it was.</param>
    public static T Run<T>(string name, Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(Guarded) { Name = name };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;

        void Guarded()
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
