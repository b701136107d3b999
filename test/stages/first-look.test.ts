import { readAssembly } from '../../lib/assembly/cloud-assembly';
import { comparePromotion } from '../../lib/promotion/compare';
import { synthStage } from '../synth-stages';

test.each([
  [1, 2],
  [2, 3],
  [3, 4],
  [1, 3],
  [1, 4],
  [2, 4],
])('stage %d to %d', (a, b) => {
  const report = comparePromotion(readAssembly(synthStage(a)), readAssembly(synthStage(b)));
  const counts: Record<string, number> = {};
  for (const c of report.changes)
    counts[c.verdict + (c.stateful ? ' stateful' : '')] = (counts[c.verdict + (c.stateful ? ' stateful' : '')] ?? 0) + 1;
  const bad = report.changes.filter((c) => ['replaced', 'destroyed', 'orphaned', 'refused', 'own-deploy'].includes(c.verdict));
  process.stderr.write(
    `== ${a}->${b} safe=${report.safe} ${JSON.stringify(counts)}\n` +
      bad
        .map((c) =>
          `${c.verdict} ${c.stateful} ${c.stackName} ${c.logicalId} ${c.type} ${c.findings.map((f) => `${f.ruleId} ${f.property} ${f.reason} holds=${f.holds?.length}`).join(' | ')}`.slice(
            0,
            400,
          ),
        )
        .join('\n') +
      '\n',
  );
});
