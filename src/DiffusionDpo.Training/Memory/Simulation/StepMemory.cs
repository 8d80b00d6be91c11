namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>
/// The tensors of a forward and a backward pass as they come and go, without numbers: dispose scopes let go of what a block has made, autograd holds
/// what its operators save, and gradients meet as in libtorch's engine.
/// </summary>
/// <param name="images">Images in a batch.</param>
/// <param name="bytesPerNumber">Of the networks' format.</param>
internal sealed class StepMemory(long images, int bytesPerNumber)
{
    private readonly Stack<List<SimulatedTensor>> scopes = new([[]]);
    private List<Recorded> graph = [];

    /// <summary>Images in a batch.</summary>
    public long Images => images;

    /// <summary>Bytes of a number in the networks' format.</summary>
    public int BytesPerNumber => bytesPerNumber;

    /// <summary>What is taken now.</summary>
    public long Live { get; private set; }

    /// <summary>The most that was, since <see cref="BeginPeak"/>.</summary>
    public long Peak { get; private set; }

    /// <summary>Whether autograd records.</summary>
    public bool Records { get; private set; }

    /// <summary>Lets the peak begin at what is taken now.</summary>
    public void BeginPeak() => Peak = Live;

    /// <summary>Bytes of a tensor.</summary>
    /// <param name="positions">Pixels or tokens of one image.</param>
    /// <param name="channels">Numbers of each.</param>
    public long Bytes(long positions, long channels) => images * positions * channels * bytesPerNumber;

    /// <summary>A tensor that nothing in the network has made.</summary>
    public SimulatedTensor Input(long positions, long channels) => Own(new(Take(Bytes(positions, channels)), positions, channels));

    /// <summary>The output of an operator, in the present scope.</summary>
    /// <param name="positions">Its pixels or tokens.</param>
    /// <param name="channels">Its numbers for each.</param>
    /// <param name="inputs">What it depends on.</param>
    /// <param name="operation">What else it needs.</param>
    public SimulatedTensor Apply(long positions, long channels, SimulatedTensor[] inputs, Operation operation)
    {
        Block scratch = Take(operation.Scratch);
        SimulatedTensor output = new(Take(Bytes(positions, channels)), positions, channels);
        Release(scratch);
        Record(output, inputs, operation);
        return Own(output);
    }

    /// <summary>Adds to what an operator has just made, in place.</summary>
    /// <param name="fresh">The sum afterwards.</param>
    /// <param name="addend">The other.</param>
    public SimulatedTensor Add(SimulatedTensor fresh, SimulatedTensor addend)
    {
        fresh.Block.Holders++;
        SimulatedTensor sum = new(fresh.Block, fresh.Positions, fresh.Channels);
        Record(sum, [fresh, addend], new() { PassesGradient = true });
        return Own(sum);
    }

    /// <summary>Runs a block: what it has made besides its result is let go.</summary>
    /// <param name="body">The block.</param>
    public SimulatedTensor InScope(Func<SimulatedTensor> body)
    {
        scopes.Push([]);
        SimulatedTensor result = body();
        Close(except: result);
        return Own(result);
    }

    /// <summary>Runs what gives nothing.</summary>
    /// <param name="body">What.</param>
    public void InScope(Action body)
    {
        scopes.Push([]);
        body();
        Close(except: null);
    }

    /// <summary>Runs something with autograd recording or not.</summary>
    /// <param name="records">Whether.</param>
    /// <param name="body">What.</param>
    public T Recording<T>(bool records, Func<T> body)
    {
        bool before = Records;
        Records = records;
        T result = body();
        Records = before;
        return result;
    }

    /// <summary>Runs something whose graph is its own.</summary>
    /// <param name="body">What.</param>
    public void WithOwnGraph(Action body)
    {
        List<Recorded> before = graph;
        graph = [];
        body();
        graph = before;
    }

    /// <summary>The backward pass over all that was recorded.</summary>
    /// <param name="output">The result whose gradient is given; it has one already or gets it.</param>
    public void Backward(SimulatedTensor output)
    {
        output.Gradient ??= Take(Bytes(output.Positions, output.Channels));
        for (int i = graph.Count - 1; i >= 0; i--) Backward(graph[i]);
        graph.Clear();
    }

    /// <summary>Takes memory.</summary>
    /// <param name="bytes">How much.</param>
    public Block Take(long bytes)
    {
        Live += bytes;
        Peak = Math.Max(Peak, Live);
        return new(bytes);
    }

    /// <summary>One holder fewer.</summary>
    /// <param name="block">Of this.</param>
    public void Release(Block block)
    {
        if (--block.Holders == 0) Live -= block.Bytes;
    }

    private void Record(SimulatedTensor output, SimulatedTensor[] inputs, Operation operation)
    {
        if (!Records || !(operation.WeightGradient > 0 || inputs.Any(input => input.NeedsGradient))) return;
        output.NeedsGradient = true;
        List<Block> saved = [.. operation.Saves.Select(tensor => tensor.Block)];
        if (operation.SavesOutput) saved.Add(output.Block);
        foreach (Block block in saved) block.Holders++;
        if (operation.Statistics > 0) saved.Add(Take(operation.Statistics));
        graph.Add(new(inputs, output, operation, saved));
    }

    private void Backward(Recorded step)
    {
        if (step.Output.Gradient is { } gradient)
        {
            Block scratch = Take(step.Operation.BackwardScratch + step.Operation.WeightGradient);
            Block?[] results = [.. step.Inputs.Select(input => GradientFor(input, step.Operation, gradient))];
            Release(scratch);
            for (int i = 0; i < results.Length; i++)
                if (results[i] is { } result) Accumulate(step.Inputs[i], result);
            step.Output.Gradient = null;
            Release(gradient);
        }

        foreach (Block block in step.Saved) Release(block);
    }

    private Block? GradientFor(SimulatedTensor input, Operation operation, Block ofOutput)
    {
        if (!input.NeedsGradient) return null;
        if (!operation.PassesGradient) return Take(Bytes(input.Positions, input.Channels));
        ofOutput.Holders++;
        return ofOutput;
    }

    // In place where nobody else sees what is there.
    private void Accumulate(SimulatedTensor input, Block gradient)
    {
        if (input.Gradient is not { } before)
        {
            input.Gradient = gradient;
            return;
        }

        if (before.Holders > 1)
        {
            input.Gradient = Take(Bytes(input.Positions, input.Channels));
            Release(before);
        }

        Release(gradient);
    }

    private SimulatedTensor Own(SimulatedTensor tensor)
    {
        scopes.Peek().Add(tensor);
        return tensor;
    }

    private void Close(SimulatedTensor? except)
    {
        bool kept = false;
        foreach (SimulatedTensor tensor in scopes.Pop())
        {
            if (ReferenceEquals(tensor, except) && !kept) kept = true;
            else Release(tensor.Block);
        }

        if (except is not null && !kept) except.Block.Holders++; // made further out
    }

    private sealed record Recorded(SimulatedTensor[] Inputs, SimulatedTensor Output, Operation Operation, IReadOnlyList<Block> Saved);
}
