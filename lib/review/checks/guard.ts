import { type Assembly, type AssemblyStack, everyStack, type Template } from '../../assembly/cloud-assembly';
import { referencesIn } from '../../assembly/references';
import { isObject } from '../../assembly/values';
import type { Finding } from '../finding';
import { type Places, placesOf } from '../places/places';
import type { Check, CheckRun } from './check';
import { type Control, controlTowerControls } from './control-tower';
import { type EngineInput, type EngineReport, runEngine } from './engine';
import { installed, notInstalled } from './installed';
import { inShort, notChecked, withGaps } from './not-checked';

const PACK = 'ControlTower';
const RULES = '@cdklabs/cdk-validator-cfnguard';

/**
 * The Guard rules of AWS Control Tower's proactive controls, run by the CDK's engine. On the templates of our stages, on
 * bare resources of every type and on distorted templates it finds what cfn-guard 3.1.1 finds (measured; test/verify).
 */
export const guard: Check = { pack: PACK, title: 'AWS Control Tower proactive controls', run };

async function run(assembly: Assembly): Promise<CheckRun> {
  const rules = installed(RULES);
  if (!rules) return { findings: [], notRun: notInstalled(RULES) };
  const stacks = everyStack(assembly);
  const types = new Set(stacks.flatMap(({ template }) => Object.values(template.Resources ?? {}).map(({ Type }) => Type)));
  const all = controlTowerControls(rules.folder);
  // Every rule costs several milliseconds a template, even one that has nothing to judge.
  const controls = all.filter((control) => control.types.some((type) => types.has(type)));
  const places = placesOf(assembly);
  try {
    const findings = [...(await judged(stacks, controls, places)), ...stacks.flatMap((stack) => loopsIn(stack, places))];
    return {
      version: rules.version,
      findings,
      ruleIds: withGaps(all.map(idOf), findings),
      notApplicable: all.filter((control) => !controls.includes(control)).map(idOf),
    };
  } catch (error) {
    return {
      findings: [],
      version: rules.version,
      notRun: `the CDK's engine cannot run these rules: ${(error as Error).message}`,
    };
  }
}

function idOf({ id }: Control): string {
  return `${PACK}::${id}`;
}

async function judged(stacks: AssemblyStack[], controls: Control[], places: Places): Promise<Finding[]> {
  const named = new Set(controls.flatMap((control) => control.named));
  const inputs: EngineInput[] = stacks
    .map((stack) => ({ stack, template: extract(stack, named) }))
    .filter(({ template }) => Object.keys(template.Resources ?? {}).length > 0);
  if (inputs.length === 0) return [];
  const { reports } = await runEngine(
    inputs,
    controls.map(({ id, content }) => ({ name: id, content })),
  );
  return reports.flatMap((report, index) => findingsOf(report, inputs[index].stack, controls, places));
}

/**
 * What the rules may look at: no other part of a template is named in them, and what is left costs time. But whether a reference leads
 * to a resource of the template at all some ask of any type (CT.LAMBDA.PR.2): of those the type stays.
 */
function extract(stack: AssemblyStack, named: Set<string>): Template {
  const { Resources = {} } = stack.template;
  const kept = Object.entries(Resources).filter(([, { Type }]) => named.has(Type));
  const bare = kept
    .flatMap(([, { Properties }]) => referencesIn(Properties, stack))
    .flatMap((reference) => (reference.kind === 'resource' && Resources[reference.logicalId] ? [reference.logicalId] : []))
    .map((logicalId) => [logicalId, { Type: Resources[logicalId].Type }]);
  const whole = kept.map(([id, resource]) => [id, { ...resource, Metadata: undefined }]);
  return whole.length === 0 ? {} : { Resources: Object.fromEntries([...bare, ...whole]) };
}

function findingsOf(report: EngineReport, stack: AssemblyStack, controls: Control[], places: Places): Finding[] {
  const whole = places.place(stack, '');
  if (report.failure !== undefined) return [notChecked(PACK, whole, `the engine gave up: ${report.failure}`)];
  const unjudged = report.unjudged.map(({ rule, why }) => {
    const [, logicalId] = /\/Resources\/([^/[\]]+)/.exec(why) ?? [];
    return notChecked(
      PACK,
      places.place(stack, logicalId ?? ''),
      `${rule} cannot judge ${stack.stackName}: ${inShort(why, 300)}`,
    );
  });
  return [...controls.flatMap((control) => findingsOfControl(control, report, stack, places)), ...unjudged];
}

/** One finding for each resource: the engine reports every clause of a rule by itself. */
function findingsOfControl(control: Control, { violations }: EngineReport, stack: AssemblyStack, places: Places): Finding[] {
  // The engine tells the file by its name, spelled as a category.
  const category = `guard:${control.id.replace(/\W/g, '_')}`;
  const clauses = new Map<string, { texts: string[]; locations: string[] }>();
  for (const { description, ruleMetadata, violatingResources } of violations) {
    if (ruleMetadata?.category !== category) continue;
    for (const { resourceLogicalId, locations } of violatingResources) {
      // A clause about no resource, or about one that the rule only looks up, is a part of why another one failed.
      const type = stack.template.Resources?.[resourceLogicalId ?? '']?.Type;
      if (resourceLogicalId === undefined || type === undefined || !control.types.includes(type)) continue;
      const known = clauses.get(resourceLogicalId) ?? { texts: [], locations: [] };
      clauses.set(resourceLogicalId, known);
      known.texts.push(clauseIn(description));
      known.locations.push(...locations);
    }
  }
  return [...clauses].map(([logicalId, { texts, locations }]) => ({
    id: idOf(control),
    severity: control.severity,
    message: `${control.title} (${reasons(texts)})`,
    remedy: control.remedy,
    source: `AWS Control Tower control ${control.id}`,
    place: places.place(stack, logicalId),
    ...propertyOf(locations),
  }));
}

/** The clause that failed, or what is missing, in the engine's own sentence. */
function clauseIn(description: string): string {
  const [, clause] = /Guard check `(.*)` failed/s.exec(description) ?? [];
  const [, missing] = /property `(?:Properties\.)?([^`]*)` is missing$/.exec(description) ?? [];
  return missing === undefined ? inShort(clause ?? description, 80) : `${missing} is missing`;
}

function reasons(texts: string[]): string {
  const [first, second, ...more] = new Set(texts);
  const rest = more.length === 0 ? '' : `; ${more.length} more`;
  return second === undefined ? first : `${first}; ${second}${rest}`;
}

function propertyOf(locations: string[]): { property?: string } {
  const [, property] = /^Properties\.(.*)$/s.exec(locations.find((location) => location.startsWith('Properties.')) ?? '') ?? [];
  return property === undefined ? {} : { property };
}

/** Resources that CloudFormation makes from a loop are in no template. */
function loopsIn(stack: AssemblyStack, places: Places): Finding[] {
  const loops = Object.entries(stack.template.Resources ?? {}).filter(([, resource]) => !isObject(resource));
  return loops.map(([key]) =>
    notChecked(PACK, places.place(stack, key), `only CloudFormation knows what ${key} of ${stack.stackName} expands to`),
  );
}
