import { deployedResources } from '../template/deployed-resources';
import { plainSecrets } from '../template/secret-names';
import type { TemplateRule } from './rule';

export const plaintextSecret: TemplateRule = {
  id: 'plaintext-secret',
  severity: 'error',
  sentence:
    'no secret stands in a template in clear text: whoever may read the repository, the assembly or the stack may read it',
  source: 'CloudFormation User Guide, Security best practices, Do not embed credentials in your templates',
  types: [],
  find: (assembly) =>
    deployedResources(assembly).flatMap(({ stack, logicalId, properties }) =>
      // The value itself must not come into a report.
      plainSecrets(properties).map(({ path, name }) => ({
        stack,
        logicalId,
        property: path.join('.'),
        details: `the value of ${name} does`,
      })),
    ),
};
