using System.CommandLine;
using DiffusionDpo.Operator.Crds;
using DiffusionDpo.Operator.Hosting;

var root = new RootCommand("The DiffusionDpo operator: runs the fine-tunes of a cluster, and writes the definitions that the cluster needs.");
root.Add(RunCommand.Create());
root.Add(CrdsCommand.Create());
return root.Parse(args).Invoke();
