using Benchmarks.Operators;
using static TorchSharp.torch;
Console.WriteLine($"threads {get_num_threads()}");
using var t = new AloneTimer();
foreach (var (n,ci,co,hw,k,s,p) in new[]{(4,8,8,16,3,2,0),(4,8,8,16,3,2,1),(4,8,8,16,3,1,1),(4,16,16,8,3,1,1),(4,4,16,8,3,1,1),(4,16,16,8,1,1,0),(4,24,32,4,3,1,1),(4,128,128,32,3,1,1),(4,512,512,8,3,1,1),(4,256,256,16,1,1,0)})
{
  using var sc = NewDisposeScope();
  var x = randn(n, ci, hw, hw, requires_grad: true);
  var w = randn(co, ci, k, k, requires_grad: true);
  var b = randn(co, requires_grad: true);
  var u = new OperatorRecorder(); 
  var y = nn.functional.conv2d(x, w, b, strides: [s,s], padding:[p,p]); y.sum().backward();
  u.Dispose();
  foreach (var o in u.Operators) if(o.Name.Contains("conv")) { var a = t.Time(o); Console.WriteLine($"{o.Name} stride {s} pad {p} in place {o.SecondsInPlace*1e6:F1} us alone {a.Best*1e6:F1} n {a.Calls.Length} {o.Shapes}"); }
}
