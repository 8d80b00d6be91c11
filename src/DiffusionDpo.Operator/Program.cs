using System.CommandLine;
using DiffusionDpo.Operator.Crds;
using DiffusionDpo.Operator.Hosting;
using DiffusionDpo.Operator.Rbac;

var root = new RootCommand("The DiffusionDpo operator: runs the fine-tunes of a cluster, and writes the definitions and roles that it needs.");
root.Add(RunCommand.Create());
root.Add(CrdsCommand.Create());
root.Add(RbacCommand.Create());
return root.Parse(args).Invoke();
