import * as fc from 'fast-check';
import { COMBINATIONS, climbAll } from './option-combinations';

test('probe', () => {
  const seen = new Map<string, number>();
  const t = Date.now();
  const c = process.cpuUsage();
  for (const combination of fc.sample(COMBINATIONS, { seed: 5, numRuns: 40 })) {
    try {
      const { faults, deploys } = climbAll(combination, {});
      for (const d of deploys) seen.set(d, (seen.get(d) ?? 0) + 1);
      if (faults.length) process.stderr.write(`${JSON.stringify(combination)}\n   ${faults.slice(0, 6).join('\n   ')}\n`);
    } catch (e: any) {
      process.stderr.write(`${JSON.stringify(combination)}\n   THROWS ${e.stack.split('\n').slice(0, 4).join('\n')}\n`);
    }
  }
  const u = process.cpuUsage(c);
  process.stderr.write(
    `${Date.now() - t} ms wall, cpu ${(u.user + u.system) / 1000} ${JSON.stringify([...seen].sort(), undefined, 1)}\n`,
  );
}, 600000);
