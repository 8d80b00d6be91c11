using Science.Reporting;

namespace Science.Experiments;

/// <summary>A question that numbers answer.</summary>
public interface IExperiment
{
    /// <summary>The word that it is asked for by.</summary>
    string Name { get; }

    /// <summary>Runs it.</summary>
    Section Run(Laboratory laboratory);
}
