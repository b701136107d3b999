import { readAssembly } from '../../lib/assembly/cloud-assembly';
import { synthStage } from '../synth-stages';

test.each([1, 2, 3, 4])('stage %d synthesizes', (stage) => {
  const assembly = readAssembly(synthStage(stage));
  console.log(assembly.stacks.map((s) => `${s.stackName} ${s.region} ${Object.keys(s.template.Resources ?? {}).length} ${JSON.stringify(s.template).length}`).join('\n'));
});
