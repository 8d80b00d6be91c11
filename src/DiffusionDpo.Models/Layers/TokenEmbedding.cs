using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>
/// A table of vectors. Unlike TorchSharp's, it is created on any device at no cost, draws nothing from the global generator, and takes a
/// replaced weight like the other leaf modules do.
/// </summary>
internal sealed class TokenEmbedding : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private Parameter table;

    public TokenEmbedding(int entries, int width, Device? device) : base(nameof(TokenEmbedding))
    {
        table = new Parameter(zeros(entries, width, device: device));
        RegisterComponents();
    }

    /// <summary>The table [entries, width]. Setting it disposes the old one.</summary>
    public Parameter weight
    {
        get => table;
        set
        {
            if (value.Handle == table.Handle) return;
            table.Dispose();
            table = (Parameter)value.DetachFromDisposeScope();
            ConditionallyRegisterParameter("weight", table);
        }
    }

    /// <summary>ids [N, L] → vectors [N, L, width].</summary>
    public override Tensor forward(Tensor ids)
    {
        using DisposeScope scope = NewDisposeScope();
        return table.index_select(0, ids.flatten()).view(ids.size(0), ids.size(1), -1).MoveToOuterDisposeScope();
    }
}
