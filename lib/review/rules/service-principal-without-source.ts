import { narrows } from '../template/openness';
import { type PolicyStatement, policyStatements } from '../template/policy-statements';
import { writtenOut } from '../template/written-out';
import type { TemplateRule } from './rule';

export const servicePrincipalWithoutSource: TemplateRule = {
  id: 'service-principal-without-source',
  severity: 'note',
  sentence:
    'a policy that lets a service in says for which account or resource (aws:SourceAccount, aws:SourceArn), or another customer may have the service act here on their behalf',
  source: 'IAM User Guide, The confused deputy problem, Cross-service confused deputy prevention',
  types: [],
  find: (assembly) =>
    policyStatements(assembly)
      // Only roles of the same account can be passed to a service, so a trust policy needs no such condition.
      .filter(({ kind, effect }) => kind === 'resource' && effect === 'Allow')
      .flatMap((statement) => {
        const services = statement.principals.filter(({ kind }) => kind === 'Service').map(({ value }) => writtenOut(value));
        if (services.length === 0 || isHeld(statement)) return [];
        const { stack, logicalId, property } = statement;
        const details = `this one lets in ${services.join(', ')} for anybody`;
        return [{ stack, logicalId, property: property === '' ? 'SourceArn' : `${property}.Condition`, details }];
      }),
};

function isHeld({ conditions, resources, stack }: PolicyStatement): boolean {
  if (conditions.some((condition) => narrows(condition) || /^kms:(EncryptionContext|ViaService)/i.test(condition.key)))
    return true;
  // Logs of another account's load balancers, trails and flows go to a folder of that account.
  const folder = new RegExp(`AWSLogs/(${stack.account}|\\$\\{AWS::AccountId\\})/`);
  return resources.length > 0 && resources.every((resource) => folder.test(writtenOut(resource)));
}
