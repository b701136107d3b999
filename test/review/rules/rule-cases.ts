import type { Assembly, AssemblyStack, Template, TemplateResource } from '../../../lib/assembly/cloud-assembly';
import type { TemplateRule } from '../../../lib/review/rules/rule';

type Resources = Record<string, TemplateResource>;

/** A resource, whose type is given without `AWS::`. */
export function resource(
  type: string,
  Properties: Record<string, unknown> = {},
  more: Partial<TemplateResource> = {},
): TemplateResource {
  return { Type: `AWS::${type}`, Properties, ...more };
}

export const ref = (logicalId: string) => ({ Ref: logicalId });
export const attribute = (logicalId: string, name: string) => ({ 'Fn::GetAtt': [logicalId, name] });
/** What only a deploy knows. */
export const UNKNOWN = { Ref: 'SomeParameter' };

/** A stack of us-east-1. */
export function stack(Resources: Resources, more: Partial<AssemblyStack> & { sections?: Partial<Template> } = {}): AssemblyStack {
  const { sections, ...stackProps } = more;
  const stackName = more.stackName ?? 'Shop';
  return {
    artifactId: stackName,
    stackName,
    region: 'us-east-1',
    account: '123456789012',
    templateFile: `${stackName}.template.json`,
    template: { Resources, ...sections },
    dependencies: [],
    paths: {},
    ...stackProps,
  };
}

/** An assembly of stacks, or of one stack with some resources. */
export function assembly(...stacks: (AssemblyStack | Resources)[]): Assembly {
  return {
    directory: 'nowhere',
    stacks: stacks.map((one) => ('templateFile' in one ? (one as AssemblyStack) : stack(one as Resources))),
  };
}

/** A stack and one in another Region that takes an output of it. */
export function output(stackName: string, region: string, outputName: string) {
  return { 'Fn::GetStackOutput': { StackName: stackName, Region: region, OutputName: outputName } };
}

/** What a rule finds, a line for each: `Stack/LogicalId Property: details`; the name of the stack only where it is not `Shop`. */
export function found(rule: TemplateRule, input: Assembly | Resources): string[] {
  const whole = 'stacks' in input ? (input as Assembly) : assembly(input as Resources);
  return rule.find(whole).map(({ stack: { stackName }, logicalId, property, details }) => {
    const where = `${stackName === 'Shop' ? '' : `${stackName}/`}${logicalId}${property === undefined ? '' : ` ${property}`}`;
    return details === undefined ? where : `${where}: ${details}`;
  });
}

/** What a rule lets pass and what it finds. */
export interface RuleCases {
  readonly rule: TemplateRule;
  readonly passes: Record<string, Assembly | Resources>;
  readonly fails: Record<string, { in: Assembly | Resources; at: string[] }>;
}

/** A test for each case, and what every rule owes. */
export function testRules(cases: RuleCases[]): void {
  describe.each(cases.map((one) => ({ id: one.rule.id, ...one })))('$id', ({ rule, passes, fails }) => {
    test.each(Object.entries(passes))('lets pass %s', (_, input) => {
      expect(found(rule, input)).toEqual([]);
    });

    test.each(Object.entries(fails))('finds %s', (_, { in: input, at }) => {
      expect(found(rule, input)).toEqual(at);
    });

    test('says in one sentence what must hold, and names its source', () => {
      expect(rule.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      expect(rule.sentence).toMatch(/^\S.*[^.\s]$/);
      expect(rule.source).toMatch(/AWS|Amazon|CloudFormation/);
    });

    test('looks only at what there is', () => {
      expect(found(rule, {})).toEqual([]);
      expect(found(rule, { Mystery: { Type: 'Custom::Mystery' }, ...bare(rule) })).toEqual(expect.any(Array));
    });
  });
}

/** Resources without any property: a rule must live with them. */
function bare({ types }: TemplateRule): Resources {
  return Object.fromEntries(types.map((Type, index) => [`Bare${index}`, { Type }]));
}
