import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AssemblyStack, readAssembly, type Template } from '../../lib/assembly/cloud-assembly';
import { isObject } from '../../lib/assembly/values';
import { type Control, controlTowerControls } from '../../lib/review/checks/control-tower';
import { guard } from '../../lib/review/checks/guard';
import { installed } from '../../lib/review/checks/installed';
import { assemblyOf } from '../review/checks/assemblies';
import { distorted } from '../review/checks/distorted';
import { synthStage } from '../synth-stages';

jest.setTimeout(300_000);

const { folder } = installed('@cdklabs/cdk-validator-cfnguard')!;
const CFN_GUARD = join(folder, 'bin', 'ubuntu', 'x86_64', 'cfn-guard');
const controls = controlTowerControls(folder);
const runs = process.platform === 'linux' && spawnSync(CFN_GUARD, ['--version']).status === 0;
const scratch = mkdtempSync(join(tmpdir(), 'guard-reference-'));

/** What cfn-guard itself finds: control and logical id. */
function reference({ template }: AssemblyStack): string[] {
  const file = join(scratch, 'template.json');
  writeFileSync(file, JSON.stringify(template));
  const rules = join(folder, 'rules', 'control-tower', 'cfn-guard');
  const options = ['--output-format', 'json', '--show-summary', 'none', '--structured'];
  const { stdout, stderr } = spawnSync(CFN_GUARD, ['validate', '--rules', rules, '--data', file, ...options], {
    maxBuffer: 1 << 30,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  const [{ not_compliant }] = JSON.parse(stdout) as { not_compliant: { Rule: { name: string } }[] }[];
  return not_compliant
    .flatMap(({ Rule }) => {
      const { id, types } = controlWith(Rule.name);
      const judged = [...resourcesIn(Rule)].filter((logicalId) => types.includes(template.Resources![logicalId].Type));
      return judged.map((logicalId) => `ControlTower::${id} at ${logicalId}`);
    })
    .sort();
}

function controlWith(rule: string): Control {
  const [control, ...others] = controls.filter(({ content }) => new RegExp(`^rule ${rule} when`, 'm').test(content));
  expect([rule, others]).toEqual([rule, []]);
  return control;
}

/** Logical ids that a failed rule points at: where it looked, not what it looked for. */
function resourcesIn(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) resourcesIn(item, found);
  else if (isObject(value)) {
    const [, logicalId] = /^\/Resources\/([^/]+)/.exec(typeof value.path === 'string' ? value.path : '') ?? [];
    if (logicalId !== undefined) found.add(logicalId);
    else for (const item of Object.values(value)) resourcesIn(item, found);
  }
  return found;
}

/** A resource of every type that a control judges, with nothing in it. */
function bare(resource: Record<string, unknown>): Template {
  const types = new Set(controls.flatMap((control) => control.types));
  const resources = [...types].map((Type) => [Type.replace(/\W/g, ''), { Type, ...resource }]);
  return { Resources: Object.fromEntries(resources) };
}

// The package brings the program for Linux and macOS; this test knows the one for Linux on x64.
(runs ? describe : describe.skip)('the controls, against cfn-guard (it has to run here: Linux on x64)', () => {
  /** Both, on every stack; resolves to the number of findings of each. */
  async function compare(stacks: AssemblyStack[]): Promise<number[]> {
    const { findings } = await guard.run({ directory: '/nowhere', stacks });
    return stacks.map((stack) => {
      const own = findings.filter(({ place }) => place?.stack === (stack.constructPath ?? stack.stackName));
      const expected = reference(stack);
      const found = own.map(({ id, place }) => `${id} at ${place?.logicalId}`).sort();
      expect([stack.stackName, stack.region, found]).toEqual([stack.stackName, stack.region, expected]);
      return expected.length;
    });
  }
  const stackOf = (template: Template, index: number) => assemblyOf({ ...template }, { stackName: `made ${index}` }).stacks[0];

  // Stage 4 has all of stage 3.
  test('find on the same resources of every stage what cfn-guard finds, and on distorted ones', async () => {
    const stacks = [1, 2, 4].flatMap((stage) => readAssembly(synthStage(stage, { regions: [{ region: 'us-west-2' }] })).stacks);
    const [products, beside] = [true, false].map((home) => stacks.filter(({ stackName }) => (stackName === 'Shop') === home));
    expect(products).toHaveLength(3);
    const found = await compare([
      ...products,
      ...[1, 2].map((seed) => distorted(products[seed - 1].template, seed)).map(stackOf),
    ]);
    expect(Math.min(...found)).toBeGreaterThan(3);
    await compare(beside);
  });

  test('find it on bare resources of every type', async () => {
    const found = await compare([bare({}), bare({ Properties: {} })].map(stackOf));
    expect(Math.min(...found)).toBeGreaterThan(3);
  });
});
