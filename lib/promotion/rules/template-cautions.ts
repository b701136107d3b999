import { referencesIn } from '../../assembly/references';
import { isStateful } from '../../assembly/stateful-types';
import { sameValue } from '../../assembly/values';
import { type DeployRule, finding, type ResourcePair, type Rule, type StackPair, stays } from './rule';

const PARAMETER_DEFAULT: Rule = {
  id: 'parameter-default-changed',
  sentence:
    'its parameter has another default: cdk deploy keeps the deployed value, other ways to deploy take the new one (not verified against AWS)',
  source: 'AWS CDK CLI, --previous-parameters; CloudFormation API, UpdateStack (UsePreviousValue)',
};

const MACRO_CHANGED: Rule = {
  id: 'macro-changed',
  sentence: 'another macro rewrites the template when it deploys, and what it makes of this is not checked',
  source: 'CloudFormation Transform section',
};

/** What the text of a template does not tell. */
export const TEMPLATE_CAUTIONS: DeployRule[] = [
  {
    ...PARAMETER_DEFAULT,
    find: ({ resources }) =>
      resources
        .filter((pair) => stays(pair) && isStateful(pair.type, pair.before))
        .flatMap((pair) =>
          Object.keys(pair.after?.Properties ?? {})
            .filter((property) => readsChangedDefault(pair, property))
            .map((property) => ({ resource: pair, finding: finding(PARAMETER_DEFAULT, 'updated', { property }) })),
        ),
  },
  {
    ...MACRO_CHANGED,
    find: ({ resources }) =>
      resources
        .filter((pair) => stays(pair) && isStateful(pair.type, pair.before))
        .filter(({ stack }) => !sameValue(macros(stack.before), macros(stack.after)))
        .map((pair) => ({ resource: pair, finding: finding(MACRO_CHANGED, 'updated') })),
  },
];

function readsChangedDefault({ stack, before, after }: ResourcePair, property: string): boolean {
  const [left, right] = [before, after].map((side) => side?.Properties?.[property]);
  if (!sameValue(left, right)) return false;
  return referencesIn(right, stack.after!).some((reference) => {
    if (reference.kind !== 'resource') return false;
    const [old, fresh] = [stack.before, stack.after].map((side) => side?.template.Parameters?.[reference.logicalId]);
    return old !== undefined && fresh !== undefined && !sameValue(old.Default, fresh.Default);
  });
}

/** Macros of the account; those of AWS do what their names say. */
function macros(side: StackPair['before']): string[] {
  const listed = [side?.template.Transform ?? []].flat();
  return listed
    .map((macro) => (typeof macro === 'string' ? macro : JSON.stringify(macro)))
    .filter((name) => !name.startsWith('AWS::'));
}
