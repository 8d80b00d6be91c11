using System.CommandLine;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Shared;
using Science.Experiments;
using Science.Mixtures;
using Science.Reporting;
using TorchSharp;

HostAllocator.KeepFreedMemory();
torch.set_num_threads(1);

string[] names = [.. ExperimentList.All.Select(each => each.Name)];
var wanted = new Option<string[]>("--experiment") { Description = "Experiment to run; all without it", DefaultValueFactory = _ => names };
wanted.AcceptOnlyFromAmong(names);
var output = new Option<string>("--output") { Description = "Where science.md and images/science/ are", DefaultValueFactory = _ => Repository.Path("docs") };
var ringRun = new Option<string>(RingProcess.Option) { Hidden = true };

var root = new RootCommand("Tries the theory behind the trainer on problems whose answer is known; ends with 1 where a claim fails.") { wanted, output, ringRun };
root.SetAction(parsed =>
{
    using var laboratory = new Laboratory(Console.WriteLine);
    if (parsed.GetValue(ringRun) is { } run)
    {
        RingProcess.Answer(run, Console.Out, laboratory.Schedule);
        return 0;
    }

    var page = new SciencePage(parsed.GetRequiredValue(output));
    var found = new Dictionary<string, Section>();
    foreach (IExperiment experiment in ExperimentList.All.Where(each => parsed.GetRequiredValue(wanted).Contains(each.Name)))
    {
        laboratory.Say(experiment.Name);
        Section section = experiment.Run(laboratory);
        found[experiment.Name] = section;
        page.Write(found);
        foreach (Check check in section.Checks) laboratory.Say($"{(check.Holds ? "holds " : "FAILED")}  {check.Claim}: {check.Found}");
    }

    return found.Values.All(section => section.Holds) ? 0 : 1;
});
return root.Parse(args).Invoke();
