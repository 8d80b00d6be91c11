using System.CommandLine;
using DiffusionDpo.Operator.Crds;

var root = new RootCommand("The DiffusionDpo operator. So far it writes the custom resource definitions; it runs no controllers yet.");
root.Add(CrdsCommand.Create());
return root.Parse(args).Invoke();
