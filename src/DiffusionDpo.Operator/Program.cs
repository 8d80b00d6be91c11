using System.CommandLine;
using DiffusionDpo.Operator.Crds;

return new RootCommand("The DiffusionDpo operator. So far it writes the custom resource definitions; it runs no controllers yet.") { CrdsCommand.Create() }
    .Parse(args)
    .Invoke();
