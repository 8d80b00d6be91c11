using DiffusionDpo.Models.UNets;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests.Parity;

/// <summary>Keeps the outputs of a network's submodules by name; of a list of feature maps the last, which is what goes on.</summary>
internal sealed class ActivationRecorder
{
    private readonly Dictionary<string, Tensor> outputs = [];

    public ActivationRecorder(nn.Module network)
    {
        foreach ((string name, nn.Module module) in network.named_modules()) Attach(name, module);
    }

    public IReadOnlyDictionary<string, Tensor> Outputs => outputs;

    private void Attach(string name, nn.Module module)
    {
        switch (module)
        {
            case nn.Module<Tensor, Tensor> one:
                one.register_forward_hook((_, _, output) => Keep(name, output));
                break;
            case nn.Module<Tensor, Tensor, Tensor> two:
                two.register_forward_hook((_, _, _, output) => Keep(name, output));
                break;
            case nn.Module<Tensor, long[], Tensor> sized:
                sized.register_forward_hook((_, _, _, output) => Keep(name, output));
                break;
            case UNet2DConditionModel whole:
                whole.register_forward_hook((_, _, _, _, output) => Keep(name, output));
                break;
            case UNetDownBlock down:
                down.register_forward_hook((_, _, _, outputs) => Keep(name, outputs));
                break;
            case UNetMidBlock mid:
                mid.register_forward_hook((_, _, _, output) => Keep(name, output));
                break;
            case UNetUpBlock up:
                up.register_forward_hook((_, _, _, _, _, output) => Keep(name, output));
                break;
        }
    }

    private Tensor Keep(string name, Tensor output)
    {
        outputs[name] = output.detach().clone().DetachFromDisposeScope();
        return output;
    }

    private Tensor[] Keep(string name, Tensor[] output)
    {
        Keep(name, output[^1]);
        return output;
    }
}
