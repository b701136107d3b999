import { deployedResources } from '../template/deployed-resources';
import { userData } from '../template/user-data';
import { textsIn } from '../template/written-out';
import type { RuleFinding, TemplateRule } from './rule';

/** Keys that are known by their look. AWS's own examples end in EXAMPLE. */
const KEYS: [RegExp, string][] = [
  [/\b(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}\b/, 'an AWS access key'],
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, 'a private key'],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})/, 'a token of GitHub'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/, 'a token of Slack'],
  [/\bsk_live_[A-Za-z0-9]{16,}/, 'a key of Stripe'],
];

export const keyInTemplate: TemplateRule = {
  id: 'key-in-template',
  severity: 'error',
  sentence: 'no access key, private key or token stands in a template: whoever may read it has the key',
  source: 'IAM User Guide, IAM identifiers, Unique identifiers (AKIA, ASIA); CloudFormation User Guide, Security best practices',
  types: [],
  find: (assembly) => [
    ...deployedResources(assembly).flatMap(({ stack, logicalId, properties }) =>
      textsIn(properties, []).flatMap(({ path, text }) =>
        found(text).map((details): RuleFinding => {
          return { stack, logicalId, property: path.join('.'), details };
        }),
      ),
    ),
    ...userData(assembly)
      .filter(({ properties, property }) => !JSON.stringify(properties[property.split('.')[0]]).includes('Fn::Base64'))
      .flatMap(({ stack, logicalId, property, script }) =>
        found(script).map((details) => ({ stack, logicalId, property, details })),
      ),
  ],
};

function found(text: string): string[] {
  return KEYS.filter(([pattern]) => pattern.test(text)).map(([, what]) => `this one has ${what}`);
}
