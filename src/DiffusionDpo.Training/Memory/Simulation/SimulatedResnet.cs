namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>The residual block of UNets and autoencoders.</summary>
/// <param name="layers">Its layers.</param>
/// <param name="groups">Of the norms.</param>
internal sealed class SimulatedResnet(SimulatedLayers layers, int groups)
{
    /// <summary>Runs it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="input">Its input.</param>
    /// <param name="time">The time embedding; null in autoencoders.</param>
    /// <param name="channels">Channels that come out.</param>
    public SimulatedTensor Run(string name, SimulatedTensor input, SimulatedTensor? time, long channels) => layers.Memory.InScope(() =>
    {
        SimulatedTensor hidden = Convolved($"{name}.conv1", input, channels);
        if (time is not null) hidden = layers.Memory.Add(hidden, layers.Linear($"{name}.time_emb_proj", time, channels));
        hidden = Convolved($"{name}.conv2", hidden, channels);
        return layers.Memory.Add(hidden, input.Channels == channels ? input : layers.Convolution($"{name}.conv_shortcut", input, channels, 1, input.Positions));
    });

    private SimulatedTensor Convolved(string name, SimulatedTensor input, long channels) =>
        layers.Convolution(name, layers.Activation(layers.Norm(input, groups)), channels, 3, input.Positions);
}
