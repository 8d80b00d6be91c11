using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Segments;

/// <summary>
/// Gradient checkpointing (Chen et al. 2016): runs segments without gradient and keeps their results alone; going back, each segment is run again with
/// gradient, differentiated, and forgotten. Memory is that of all results and of one segment's activations.
/// </summary>
/// <remarks>
/// Gradients are those of the whole graph to the bit: a value that several segments take in gets their gradients added up in the order in which
/// autograd would, the last user first. To that end what the later users gave goes into the graph of an earlier one as the gradient of its input.
/// Every result counts as in need of a gradient; a segment whose output needs none after all (its parameters are frozen, and so are those before it)
/// ends the way back.
/// </remarks>
public sealed class RecomputingTape : ITape, IDisposable
{
    private readonly List<Step> steps = [];
    private readonly Dictionary<Tensor, Value> values = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public Tensor Run(Segment segment, params Tensor[] inputs)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor output = segment(inputs);
        Value value = new(output.detach().DetachFromDisposeScope());
        steps.Add(new(segment, [.. inputs.Select(input => values[input])], value));
        values.Add(output, value);
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of all parameters to theirs, once: afterwards the tape is empty.</summary>
    /// <param name="gradient">Of the last segment's result, in its number format.</param>
    public void Backward(Tensor gradient)
    {
        if (steps.Count > 0) steps[^1].Output.TakeGradient(gradient.alias());
        for (int i = steps.Count - 1; i >= 0; i--)
        {
            steps[i].Backward();
            steps[i].Output.Dispose();
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Step step in steps) step.Output.Dispose();
        steps.Clear();
        values.Clear();
    }

    private sealed record Step(Segment Segment, Value[] Inputs, Value Output)
    {
        public void Backward()
        {
            if (Output.Gradient is null) return;
            using DisposeScope scope = NewDisposeScope();
            Tensor[] leaves = [.. Inputs.Select(input => input.Tensor.detach().requires_grad_(true))];
            Tensor[] inside = [.. leaves.Select(leaf => leaf.alias())]; // in the graph, so that gradients meet here before the leaf
            Tensor output = Segment(inside);
            if (!output.requires_grad) return;
            int[] used = [.. Enumerable.Range(0, Inputs.Length).Where(i => Inputs[i].Gradient is not null)];
            autograd.backward([output, .. used.Select(i => inside[i])], [Output.Gradient, .. used.Select(i => Inputs[i].Gradient!)]);
            for (int i = 0; i < leaves.Length; i++)
            {
                if (leaves[i].grad is { } gradient) Inputs[i].TakeGradient(gradient);
            }
        }
    }

    private sealed class Value(Tensor tensor) : IDisposable
    {
        public Tensor Tensor => tensor;

        public Tensor? Gradient { get; private set; }

        /// <summary>Replaces the gradient by one that holds it.</summary>
        public void TakeGradient(Tensor gradient)
        {
            Gradient?.Dispose();
            Gradient = gradient.DetachFromDisposeScope();
        }

        public void Dispose()
        {
            tensor.Dispose();
            Gradient?.Dispose();
        }
    }
}
