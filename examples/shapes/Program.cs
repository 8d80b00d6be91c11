using Quickstart;

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
        TinyPipeline.Write(Path.Combine(directory, "random"), tokenizer);
        Console.WriteLine($"base: 4,000 pairs of drawings without any preference and a tiny SD1.5-shaped pipeline with random weights in {directory}");
        return 0;
    default:
        Console.Error.WriteLine("usage: Quickstart data DIR              write the preference data of the quickstart in Pick-a-Pic's schema");
        Console.Error.WriteLine("       Quickstart base DIR TOKENIZER    write what the quickstart's base model is made from: drawings and random weights");
        return 64;
}
