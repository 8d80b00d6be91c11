global using DiffusionDpo.Shared;
global using Xunit;
