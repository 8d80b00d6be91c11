using Shapes.Judging;
using Shapes.Pipeline;
using Shapes.Preferences;

switch (args)
{
    case ["data", string directory]:
        PreferenceData.WriteAll(directory, PreferenceData.Taste);
        Console.WriteLine($"data: 2,000 training and 200 held-out comparisons in {directory};");
        Console.WriteLine($"      half are coin flips, so no model can agree with more than {PreferenceData.Ceiling:P0}");
        return 0;
    case ["data", string directory, "--shuffled"]:
        PreferenceData.WriteAll(directory, taste: 0);
        Console.WriteLine($"data: the same 2,000 training comparisons in {directory}, every label a coin flip; the 200 held-out ones as they were");
        return 0;
    case ["base", string directory, string tokenizer]:
        PreferenceData.WriteBase(Path.Combine(directory, "data"));
        TinyPipeline.Write(Path.Combine(directory, "random"), tokenizer, Console.WriteLine);
        Console.WriteLine($"base: 8,000 drawings and a tiny SD1.5-shaped pipeline with a trained autoencoder and a UNet of random weights in {directory}");
        return 0;
    case ["compare", string baseModel, string fineTuned, string pictures]:
        Comparison comparison = Comparison.Of(baseModel, fineTuned, pictures);
        comparison.Tell(Console.Out);
        return Conclude(comparison.ShortOfLearned(), "It has learned the taste and still draws the shapes.", $"{Path.Combine(pictures, "before.png")} and after.png");
    case ["control", string baseModel, string pictures, .. { Length: >= 2 and <= 10 } fineTuned]:
        Control control = Control.Of(baseModel, fineTuned, pictures);
        control.Tell(Console.Out);
        return Conclude(control.ShortOfUnchanged(), "They have learned nothing, as they should from shuffled labels.", $"{Path.Combine(pictures, "before.png")} and after-*.png");
    default:
        Console.Error.WriteLine("""
            usage: Shapes data DIR [--shuffled]                             write the quickstart's preference data in Pick-a-Pic's schema
                   Shapes base DIR TOKENIZER                                write what the base model is made from: drawings, an autoencoder, random weights
                   Shapes compare BASE TUNED PICTURES                       draw 256 samples with both models, judge them; exit 1 where the taste was not learned
                   Shapes control BASE PICTURES TUNED TUNED...              the same with two to ten models of shuffled labels; exit 1 where one was
            """);
        return 64;
}

static int Conclude(IEnumerable<string> unmet, string success, string pictures)
{
    string[] missed = [.. unmet];
    foreach (string sentence in missed) Console.WriteLine($"MISSED: {sentence}");
    if (missed.Length == 0) Console.WriteLine(success);
    Console.WriteLine($"Pictures: {pictures}");
    return missed.Length == 0 ? 0 : 1;
}
