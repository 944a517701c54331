import Workloads

// Count NAME TIMES: does a workload so many times, for a tool that counts instructions.
// Without arguments: the names.
let arguments = CommandLine.arguments
if arguments.count == 3, let times = Int(arguments[2]),
    let workload = Workload.all.first(where: { $0.name == arguments[1] })
{
    for _ in 0..<times { workload.once() }
} else {
    for workload in Workload.all { print(workload.name) }
}
