using System.CommandLine;
using DiffusionDpo.Operator.Crds;
using DiffusionDpo.Operator.Rbac;

var root = new RootCommand("The DiffusionDpo operator. So far it writes the custom resource definitions and its roles; it runs no controllers yet.");
root.Add(CrdsCommand.Create());
root.Add(RbacCommand.Create());
return root.Parse(args).Invoke();
