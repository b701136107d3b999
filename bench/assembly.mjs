// What the benchmark reads from an assembly that a measured process wrote.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The stacks of an assembly: id, Region, template, and its size in bytes. */
export function stacksOf(folder) {
  const { artifacts } = readJson(join(folder, 'manifest.json'));
  return Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, { environment, properties }]) => {
      const text = readFileSync(join(folder, properties.templateFile), 'utf8');
      return { id, region: basename(environment), template: JSON.parse(text), bytes: text.length };
    });
}

export function countResources({ template }) {
  return Object.keys(template.Resources).length;
}

/** How many resources of each type there are. */
export function countTypes({ template }) {
  const counts = {};
  for (const { Type } of Object.values(template.Resources)) counts[Type] = (counts[Type] ?? 0) + 1;
  return counts;
}

/** Writes the templates so that CfnInclude takes them, and says where they are. */
export function copyTemplates(stacks, folder) {
  mkdirSync(folder, { recursive: true });
  return stacks.map(({ id, region, template }) => {
    // What the synthesizer of every stack adds by itself.
    const { Parameters, Rules, ...rest } = template;
    delete Parameters?.BootstrapVersion;
    delete Rules?.CheckBootstrapVersion;
    const file = join(folder, `${id}.json`);
    writeFileSync(file, JSON.stringify(withoutStackOutputs({ ...rest, Parameters, Rules })));
    return { id, region, file };
  });
}

/** CfnInclude refuses Fn::GetStackOutput (aws-cdk-lib 2.262.1); a text of the same length as most ARNs stands for it. */
function withoutStackOutputs(value) {
  if (Array.isArray(value)) return value.map(withoutStackOutputs);
  if (value === null || typeof value !== 'object') return value;
  if ('Fn::GetStackOutput' in value) return `arn:aws:service:region:123456789012:${'x'.repeat(40)}`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutStackOutputs(inner)]));
}
