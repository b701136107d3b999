import type { Assembly, AssemblyStack, TemplateResource } from '../../../lib/assembly/cloud-assembly';
import type { TemplateRule } from '../../../lib/review/rules/rule';
import { ACCOUNT } from '../../stacks';

/** Resources by logical id: their type without `AWS::`, and their properties. */
export type Resources = Record<string, [type: string, properties: Record<string, unknown>, rest?: Partial<TemplateResource>]>;

/** A stack in eu-central-1 with these resources. */
export function stackOf(resources: Resources, { template, ...stack }: Partial<AssemblyStack> = {}): AssemblyStack {
  const region = stack.region ?? 'eu-central-1';
  const Resources = Object.fromEntries(
    Object.entries(resources).map(([logicalId, [type, Properties, rest]]) => [
      logicalId,
      { Type: type.includes('::Custom') || type.startsWith('Custom') ? type : `AWS::${type}`, Properties, ...rest },
    ]),
  );
  return {
    artifactId: `${stack.constructPath ?? 'Shop'}-${region}`.replaceAll('/', '-'),
    stackName: 'Shop',
    region,
    account: ACCOUNT,
    templateFile: 'Shop.template.json',
    dependencies: [],
    paths: {},
    ...stack,
    template: { Resources, ...template },
  };
}

/** An assembly of these stacks; resources by themselves make a stack. */
export function assemblyOf(...stacks: (AssemblyStack | Resources)[]): Assembly {
  return {
    directory: 'cdk.out',
    stacks: stacks.map((stack) => ('artifactId' in stack ? (stack as AssemblyStack) : stackOf(stack as Resources))),
  };
}

/** What a rule finds, one line each. */
export function found({ find }: TemplateRule, assembly: Assembly): string[] {
  return find(assembly).map(({ stack, logicalId, property, details }) => `${stack.region} ${logicalId} ${property}: ${details}`);
}

/** Tests of one rule: where it holds, and where it is broken and what it says then. */
export function describeRule(
  rule: TemplateRule,
  { holds, broken }: { holds: Record<string, Assembly>; broken: Record<string, [Assembly, string[]]> },
): void {
  describe(rule.id, () => {
    test.each(Object.entries(holds))('holds for %s', (_, assembly) => {
      expect(found(rule, assembly)).toEqual([]);
    });
    test.each(Object.entries(broken))('is broken by %s', (_, [assembly, findings]) => {
      expect(found(rule, assembly)).toEqual(findings);
    });
  });
}
