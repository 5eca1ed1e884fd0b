// How long it took from the process' start to the program's first line.
const atMs = performance.now();
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ atMs, cpuMs: (user + system) / 1000 }));
process.exit(0);
