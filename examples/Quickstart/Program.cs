using Quickstart;

const long TrainingSeed = 1;
const long HeldOutSeed = 2;

switch (args)
{
    case ["data", string directory]:
        PreferenceData.Write(Path.Combine(directory, "train", "train-00000-of-00002.parquet"), 1000, TrainingSeed);
        PreferenceData.Write(Path.Combine(directory, "train", "train-00001-of-00002.parquet"), 1000, TrainingSeed + 10);
        PreferenceData.Write(Path.Combine(directory, "held-out", "validation-00000-of-00001.parquet"), 200, HeldOutSeed);
        Console.WriteLine($"wrote 2,000 training and 200 held-out pairs to {directory}; no model can agree with more than {PreferenceData.Ceiling:P0} of the labels");
        return 0;
    default:
        Console.Error.WriteLine("usage: Quickstart data DIR    write the preference data set of the quickstart in Pick-a-Pic's schema");
        return 64;
}
