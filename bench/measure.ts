/** Measures one contender with one workload, in this process, and prints the figures as JSON. */
import { contenders } from './contenders';
import { workloads } from './workloads';

async function main([contender, workload, form]: string[]): Promise<void> {
  const make = await (await contenders[contender]()).load();
  const { workers = 2, run } = workloads[workload];
  const metrics = await run(() => make(workers), form === 'full');
  process.stdout.write(JSON.stringify(metrics), () => process.exit(0));
}

void main(process.argv.slice(2));
