using System.Text.RegularExpressions;
using OperatorBench.Measuring;

namespace OperatorBench.Loading;

/// <summary>The cluster that is measured on: 10,000 fine-tunes, of which 1,000 run with 8 pods each, over 20 namespaces.</summary>
internal static partial class Population
{
    public const int FineTunes = 10_000;
    public const int Active = 1_000;
    private const int Namespaces = 20;

    public static string Name(int number) => $"sdxl-preferences-{number:00000}";

    public static string Namespace(int number) => $"team-{number % Namespaces:00}";

    /// <summary>Writes the file that the emulator loads: a collection, a tab and an object per line.</summary>
    public static void Write(Templates templates, string file)
    {
        using var writer = new StreamWriter(file);
        for (var number = 0; number < Namespaces; number++)
            writer.Write($"{templates.Place.Collection}\t{CopyPlace(templates.Place.Json, number)}\n");
        for (var number = 0; number < FineTunes; number++)
        {
            foreach (var (collection, json) in number < Active ? templates.Active : [templates.Ended])
                writer.Write($"{collection}\t{Copy(json, number)}\n");
        }
    }

    private static string CopyPlace(string json, int number) =>
        WithOtherUids(json, number).Replace($"\"{Templates.Namespace}\"", $"\"{Namespace(number)}\"", StringComparison.Ordinal);

    private static string Copy(string json, int number)
    {
        var copy = WithOtherUids(json, number).Replace($"\"namespace\":\"{Templates.Namespace}\"", $"\"namespace\":\"{Namespace(number)}\"", StringComparison.Ordinal);
        // All pods of a run at one address: only rank 0 is ever asked.
        copy = PodAddress().Replace(copy, TrainerStatus.Address(number));
        return copy.Replace(Templates.Name, Name(number), StringComparison.Ordinal);
    }

    private static string WithOtherUids(string json, int number) => Uid().Replace(json, uid => $"{number:x8}{uid.Value[8..]}");

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"127\.64\.\d+\.\d+")]
    private static partial Regex PodAddress();
}
