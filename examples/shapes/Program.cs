using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using Shapes.Drawing;
using Shapes.Judging;
using Shapes.Pipeline;
using Shapes.Preferences;

const long TrainingSeed = 1;
const long HeldOutSeed = 3;
const long BaseSeed = 4;

switch (args)
{
    case ["data", string directory]:
        PreferenceData.Write(Path.Combine(directory, "train", "train-00000-of-00002.parquet"), 1000, TrainingSeed);
        PreferenceData.Write(Path.Combine(directory, "train", "train-00001-of-00002.parquet"), 1000, TrainingSeed + 1);
        PreferenceData.Write(Path.Combine(directory, "held-out", "validation-00000-of-00001.parquet"), 200, HeldOutSeed);
        Console.WriteLine($"data: 2,000 training and 200 held-out comparisons in {directory};");
        Console.WriteLine($"      half are coin flips, so no model can agree with more than {PreferenceData.Ceiling:P0}");
        return 0;
    case ["base", string directory, string tokenizer]:
        PreferenceData.Write(Path.Combine(directory, "data", "train-00000-of-00001.parquet"), 4000, BaseSeed, taste: 0);
        TinyPipeline.Write(Path.Combine(directory, "random"), tokenizer, Console.WriteLine);
        Console.WriteLine($"base: 4,000 pairs of drawings without any preference and a tiny SD1.5-shaped pipeline with random weights in {directory}");
        return 0;
    case ["judge", string model, string sheet]:
        var samples = Gallery.Draw(model, 256);
        var verdicts = samples.Select(sample => (sample.Asked, Seen: PixelJudge.Look(sample.Image))).ToList();
        Gallery.Write(sheet, [.. samples.Take(48).Select(sample => sample.Image)], 12);
        Console.WriteLine($"right shape {new Share(verdicts.Count(v => v.Seen.Kind == v.Asked), verdicts.Count)}, warm {new Share(verdicts.Count(v => v.Seen.Color?.IsWarm() is true), verdicts.Count)}");
        Console.WriteLine($"colours {string.Join(' ', verdicts.CountBy(v => $"{v.Seen.Color}"))}; kinds {string.Join(' ', verdicts.CountBy(v => $"{v.Asked}>{v.Seen.Kind}"))}");
        return 0;
    case ["judge"]:
        var drawings = Enumerable.Range(0, 3000).Select(i => PreferenceData.Draw((ShapeKind)(i % 3), new CounterRandom(99, 0, i, DrawPurpose.Synthesis))).ToList();
        var seen = drawings.Select(d => (d, PixelJudge.Look(new RgbImage(d.Draw(64), 64, 64)))).ToList();
        Console.WriteLine($"shape {seen.Count(s => s.Item2.Kind == s.d.Kind)} colour {seen.Count(s => s.Item2.Color == s.d.Color)} of {seen.Count}");
        return 0;
    default:
        Console.Error.WriteLine("usage: Shapes data DIR              write the preference data of the quickstart in Pick-a-Pic's schema");
        Console.Error.WriteLine("       Shapes base DIR TOKENIZER    write what the quickstart's base model is made from: drawings and random weights");
        return 64;
}
