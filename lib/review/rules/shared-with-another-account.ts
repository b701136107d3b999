import type { Assembly } from '../../assembly/cloud-assembly';
import { items } from '../../assembly/values';
import { type DeployedResource, deployedResources } from '../template/deployed-resources';
import { writtenOut } from '../template/written-out';
import type { RuleFinding, TemplateRule } from './rule';

/** Properties that name whom a thing is shared with. */
const SHARED: Record<string, string> = {
  'AWS::EC2::VPCEndpointServicePermissions': 'AllowedPrincipals',
  'AWS::EC2::VPCPeeringConnection': 'PeerOwnerId',
  'AWS::RAM::ResourceShare': 'Principals',
  'AWS::Redshift::EndpointAuthorization': 'Account',
};

export const sharedWithAnotherAccount: TemplateRule = {
  id: 'shared-with-another-account',
  severity: 'warning',
  sentence:
    'what is opened to another account beside any policy (a peered network, an endpoint service, a resource share, a warehouse) has been looked at: its owner decides who comes',
  source:
    'Amazon VPC User Guide, VPC peering; AWS PrivateLink Guide, Manage permissions; AWS RAM User Guide, Sharing your AWS resources',
  types: Object.keys(SHARED),
  find: (assembly: Assembly) => deployedResources(assembly, ...Object.keys(SHARED)).flatMap(findings),
};

function findings({ stack, logicalId, type, properties }: DeployedResource): RuleFinding[] {
  const property = SHARED[type];
  const written = properties[property];
  const others = (Array.isArray(written) ? items(written) : [written]).map(writtenOut).filter((one) => {
    if (one === '*') return true;
    const account = /^(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(?::|$)/.exec(one)?.[1];
    return account !== undefined && account !== stack.account && stack.account !== 'unknown-account';
  });
  if (others.length === 0) return [];
  const who = others.includes('*') ? 'everybody' : [...new Set(others)].join(', ');
  return [{ stack, logicalId, property, details: `this one is shared with ${who}` }];
}
