import { type Assembly, type AssemblyStack, everyStack } from '../../assembly/cloud-assembly';
import type { Finding } from '../finding';
import { type Places, placesOf } from '../places/places';
import type { Check, CheckRun } from './check';
import { runEngine, type Violation } from './engine';
import { notChecked, withGaps } from './not-checked';

const PACK = 'CloudFormation-Validate';

/** The validator that is built into the CDK, with all its rules, over every template. */
export const cloudFormationValidate: Check = { pack: PACK, title: "The CDK's built-in CloudFormation validator", run };

async function run(assembly: Assembly): Promise<CheckRun> {
  const places = placesOf(assembly);
  const stacks = everyStack(assembly);
  try {
    const { version, ruleIds, reports } = await runEngine(stacks.map((stack) => ({ stack })));
    const findings = reports.flatMap(({ violations, failure }, index) => {
      const stack = stacks[index];
      if (failure !== undefined) return [notChecked(PACK, places.place(stack, ''), `the validator gave up: ${failure}`)];
      return violations.flatMap((violation) => findingsOf(violation, stack, places));
    });
    return {
      version,
      findings,
      ruleIds: withGaps(
        ruleIds.map((id) => `${PACK}::${id}`),
        findings,
      ),
    };
  } catch (error) {
    return { findings: [], notRun: `the CDK's validator does not start: ${(error as Error).message}` };
  }
}

function findingsOf(violation: Violation, stack: AssemblyStack, places: Places): Finding[] {
  const { ruleName, severity, fix } = violation;
  return violation.violatingResources.map(({ resourceLogicalId, locations }) => {
    const [path, property] = /^Properties\.(.*)$/s.exec(locations[0] ?? '') ?? [locations[0]];
    return {
      id: `${PACK}::${ruleName}`,
      severity: severity === 'error' || severity === 'fatal' ? 'error' : severity === 'warning' ? 'warning' : 'note',
      ...(severity === 'fatal' ? { fatal: true } : {}),
      message: withoutStart(violation.description, property ?? path),
      ...(fix === undefined ? {} : { remedy: fix }),
      source: `AWS CloudFormation Validate, rule ${ruleName}`,
      place: places.place(stack, resourceLogicalId ?? entryIn(stack, path)),
      ...(property === undefined ? {} : { property }),
    };
  });
}

/** The CDK puts the property before the message. */
function withoutStart(description: string, start: string | undefined): string {
  return start !== undefined && description.startsWith(`${start}: `) ? description.slice(start.length + 2) : description;
}

/** The output, parameter ... that a path of a template begins with, such as `Outputs.Url.Value`. */
function entryIn({ template }: AssemblyStack, path = ''): string {
  const [section, name] = path.split('.');
  const entries = template[section];
  return name !== undefined && typeof entries === 'object' && entries !== null && name in entries ? name : '';
}
