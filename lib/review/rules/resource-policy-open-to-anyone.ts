import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject, sameValue } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import { isForAnyone, isNarrowed } from '../template/openness';
import { type PolicyStatement, policyStatements } from '../template/policy-statements';
import type { TemplateRule } from './rule';

/** A public API and a public repository are for everybody by their nature: the page lists them as entrances. */
const MEANT_FOR_ALL = ['AWS::ApiGateway::RestApi', 'AWS::ECR::PublicRepository'];

export const resourcePolicyOpenToAnyone: TemplateRule = {
  id: 'resource-policy-open-to-anyone',
  severity: 'error',
  sentence:
    'a policy of a resource allows somebody, or whoever is held to an account, an organization or a source: everybody else in the world is everybody',
  source: 'IAM User Guide, AWS JSON policy elements: Principal, All principals; Amazon S3 User Guide, The meaning of "public"',
  types: [],
  find: (assembly) => {
    const all = policyStatements(assembly);
    return all
      .filter((statement) => statement.kind === 'resource' && isForAnyone(statement) && !isNarrowed(statement, all))
      .filter((statement) => !MEANT_FOR_ALL.includes(statement.type) && !isGuardedDomain(statement, assembly))
      .map(({ stack, logicalId, property }) => ({
        stack,
        logicalId,
        property: property === '' ? 'Principal' : `${property}.Principal`,
        details: 'this one allows everybody, and no condition holds them',
      }));
  },
};

/**
 * A search domain has layers of its own: in a VPC its security groups decide who comes, and with fine-grained access control
 * AWS advises an open policy (OpenSearch Service Developer Guide, Fine-grained access control).
 */
function isGuardedDomain({ stack, logicalId, type }: PolicyStatement, assembly: Assembly): boolean {
  if (!/^AWS::(OpenSearchService|Elasticsearch)::Domain$/.test(type)) return false;
  const domain = deployedResources(assembly, type).find((other) => other.stack === stack && other.logicalId === logicalId);
  const { VPCOptions, AdvancedSecurityOptions } = domain?.properties ?? {};
  return VPCOptions !== undefined || (isObject(AdvancedSecurityOptions) && sameValue(AdvancedSecurityOptions.Enabled, true));
}
