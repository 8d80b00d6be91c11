namespace DiffusionDpo.Cli.Help;

/// <summary>Examples and exit codes of every command, by its name.</summary>
internal static class HelpNotes
{
    private const string Usual = "0 done, 64 wrong arguments";

    /// <summary>All of them; the program itself is <c>ddpo</c>.</summary>
    public static IReadOnlyDictionary<string, HelpNote> All { get; } = new Dictionary<string, HelpNote>
    {
        ["ddpo"] = new(
            Usual,
            ("write a fine-tune to fill in, then check it", "ddpo init && ddpo validate finetune.yaml"),
            ("what a run would do, need and take; nothing is written", "ddpo run finetune.yaml --dry-run"),
            ("run it, and look at it in the browser", "ddpo run finetune.yaml --open")),
        ["init"] = new(
            $"{Usual}, 74 the file cannot be written",
            ("Stable Diffusion 1.5, files on this machine", "ddpo init"),
            ("for a cluster, everything in S3", "ddpo init --family sd15 --storage s3 --output sd15-s3.yaml"),
            ("the numbers of the paper's authors, for SDXL", "ddpo init --family sdxl --preset salesforce --force")),
        ["run"] = new(
            "0 done, 65 bad data, 66 a file is missing, 74 disk or storage, 78 the fine-tune cannot be run, 83 diverged, 86 stopped and saved",
            ("run it; after an interruption the same command resumes", "ddpo run finetune.yaml"),
            ("what it would do, need and take; nothing is written", "ddpo run finetune.yaml --dry-run"),
            ("the same, and time one micro-batch of it", "ddpo run finetune.yaml --dry-run --measure"),
            ("live report in the browser", "ddpo run finetune.yaml --open"),
            ("for a dashboard: metrics and status on a port, events as JSON", "ddpo run finetune.yaml --threads 8 --port 9400 --json"),
            ("training diverged after step 400: go back before it", "ddpo run finetune.yaml --resume-before 400")),
        ["validate"] = new(
            "0 valid, 66 a file cannot be read, 78 a file is invalid",
            ("every problem of a file at once", "ddpo validate finetune.yaml"),
            ("several files, in a pipeline", "ddpo validate runs/*.yaml && echo ready")),
        ["explain"] = new(
            $"{Usual} or no such field",
            ("all fields in one list", "ddpo explain"),
            ("one field", "ddpo explain training.objective.beta"),
            ("a section", "ddpo explain optimizer")),
        ["train"] = new(
            "those of `ddpo run`; the operator decides by them what happens next",
            ("one stage of a run, as a pod runs it", "ddpo train --run-file /runs/sd15/run.json --termination-log /dev/termination-log")),
        ["prepare"] = new(
            $"{Usual}, 65 bad shards or rows, 66 an input is missing, 74 disk or storage, 86 stopped",
            ("what `ddpo run` would do first, alone", "ddpo prepare finetune.yaml"),
            ("the second of four machines that share the work", "ddpo prepare finetune.yaml --worker 1 --workers 4")),
        ["export"] = new(
            $"{Usual}, 66 no checkpoint, 74 disk or storage, 85 the newest checkpoint is corrupt",
            ("the model of a run that was stopped, as far as it came", "ddpo export finetune.yaml")),
        ["sample"] = new(
            $"{Usual}, 65 unsound weights, 66 no such model, 74 the picture cannot be written, 78 adapters of another base model",
            ("four pictures with a fine-tuned model", "ddpo sample /runs/sd15/model --prompt \"a lighthouse at dusk\" --count 4 --output lighthouse.png"),
            ("the same noise with the base model, to compare", "ddpo sample /models/stable-diffusion-v1-5 -p \"a lighthouse at dusk\" --count 4 -o base.png"),
            ("with trained adapters at half strength", "ddpo sample /models/stable-diffusion-v1-5 -p \"a lighthouse at dusk\" --lora /runs/sd15/lora/pytorch_lora_weights.safetensors --lora-scale 0.5")),
        ["score"] = new(
            $"{Usual}, 65 an unsound image or model, 66 a file is missing, 78 files that do not belong together",
            ("which of two images people would rather have for a prompt", "ddpo score a.png b.png --model /models/pickscore --prompt \"a lighthouse at dusk\""),
            ("how much images please", "ddpo score *.jpg --scorer aesthetic --model /models/clip-vit-large-patch14 --head aesthetic.safetensors")),
        ["inspect"] = new(
            $"{Usual}, 65 not readable, 66 not there, 85 a checkpoint is corrupt",
            ("is this checkpoint sound, and of which step", "ddpo inspect /runs/sd15/checkpoints/step-00000100"),
            ("whose adapters these are, and of which rank", "ddpo inspect style.safetensors"),
            ("every tensor of a file", "ddpo inspect unet/diffusion_pytorch_model.safetensors --tensors")),
        ["convert"] = new(
            $"{Usual} or TARGET is there already, 65 weights that do not fit, 66 a part is missing, 74 disk, 78 parts of different families or adapters of another base, 86 stopped",
            ("a trained model for other tools, in half precision", "ddpo convert /runs/sd15/model sd15.safetensors --precision fp16"),
            ("the same of SDXL, whose autoencoder needs more", "ddpo convert /runs/sdxl/model sdxl.safetensors --precision fp16 --vae-precision fp32"),
            ("a file from elsewhere, to train on", "ddpo convert sdxl.safetensors /models/sdxl --tokenizer /models/stable-diffusion-v1-5/tokenizer"),
            ("one of another size than the published models", "ddpo convert small.safetensors /models/small --like /models/base"),
            ("adapters made part of a model", "ddpo convert /models/stable-diffusion-v1-5 merged.safetensors --lora style.safetensors --lora-scale 0.8"),
            ("adapters with the names that diffusers reads", "ddpo convert style-kohya.safetensors style.safetensors --naming diffusers"),
            ("the plain tensors of a pickle", "ddpo convert aesthetic.pth aesthetic.safetensors"),
            ("adapters of a full fine-tune", "ddpo convert /runs/sd15/model small.safetensors --extract-lora /models/stable-diffusion-v1-5 --rank 32")),
        ["report"] = new(
            $"{Usual}, 66 no run is there",
            ("of a run that goes on, was interrupted or is finished", "ddpo report /runs/sd15")),
        ["completions"] = new(
            Usual,
            ("this shell only", "source <(ddpo completions bash)"),
            ("every bash from now on", "ddpo completions bash > ~/.local/share/bash-completion/completions/ddpo"),
            ("fish", "ddpo completions fish > ~/.config/fish/completions/ddpo.fish")),
    };
}
