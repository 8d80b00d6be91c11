using CsCheck;

namespace DiffusionDpo.Operator.Tests.Fuzzing;

/// <summary>What trainers say, well and badly.</summary>
internal static class TrainerWords
{
    /// <summary>Answers on /status: of a process that trains, or of one that prepares.</summary>
    public static Gen<string> Answers => Gen.OneOf(Training, Preparing);

    /// <summary>Last words of a process that ends with a class.</summary>
    public static Gen<string> LastWords(string ended) => HostileJson.Object(
        ("class", Gen.Const($"\"{ended}\"")),
        ("code", Gen.Const("0")),
        ("rank", Gen.Int[0, 7].Select(rank => $"{rank}")),
        ("step", Gen.Int[0, 1000].Select(step => $"{step}")),
        ("checkpoint", Gen.Const("\"/runs/first/checkpoints/100\"")),
        ("lastCheckpoint", Checkpoint),
        ("message", HostileJson.Pick("\"it broke\"", $"\"{string.Concat(Enumerable.Repeat("漢字", 700))}\"", "\"a\\nb\\u0007\\u001b]0;title\\u0007\"")));

    private static Gen<string> Training => HostileJson.Object(
        ("phase", Phase),
        ("progress", HostileJson.Object(
            ("step", Gen.Int[0, 1000].Select(step => $"{step}")),
            ("totalSteps", Gen.Const("1000")),
            ("loss", Gen.Const("0.69")),
            ("implicitAccuracy", Gen.Const("0.5")),
            ("pairsPerSecond", Gen.Const("12.5")),
            ("etaSeconds", Gen.Const("3600")),
            ("updatedAt", Gen.Const("\"2026-01-01T00:00:00Z\"")))),
        ("lastCheckpoint", Checkpoint));

    private static Gen<string> Preparing => HostileJson.Object(
        ("phase", Phase),
        ("preparation", HostileJson.Object(
            ("work", HostileJson.Pick("\"looking at pairs\"", "\"a\\nb\\u0007\"", $"\"{new string('漢', 64)}\"")),
            ("done", Gen.Int[0, 1000].Select(done => $"{done}")),
            ("total", Gen.Const("1000")),
            ("perSecond", Gen.Const("12.5")),
            ("etaSeconds", Gen.Const("3600")),
            ("updatedAt", Gen.Const("\"2026-01-01T00:00:00Z\"")))));

    private static Gen<string> Phase => HostileJson.Pick("\"Starting\"", "\"Preparing\"", "\"Training\"", "\"Finished\"");

    private static Gen<string> Checkpoint => HostileJson.Object(
        ("step", Gen.Int[1, 1000].Select(step => $"{step}")),
        ("uri", Gen.Const("\"s3://runs/first/checkpoints/100\"")),
        ("sha256", HostileJson.Pick($"\"{new string('a', 64)}\"", $"\"{new string('漢', 64)}\"")),
        ("time", Gen.Const("\"2026-01-01T00:00:00Z\"")),
        ("worldSize", Gen.Const("8")));
}
