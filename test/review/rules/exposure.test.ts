import { dataPortOnPublicLoadBalancer } from '../../../lib/review/rules/data-port-on-public-load-balancer';
import { ingestionPipelinePublic } from '../../../lib/review/rules/ingestion-pipeline-public';
import { sharedWithAnotherAccount } from '../../../lib/review/rules/shared-with-another-account';
import { webAclBlocksNothing } from '../../../lib/review/rules/web-acl-blocks-nothing';
import { MAYBE, OTHER, OWN } from './policy-templates';
import { assemblyOf, describeRule, stackOf } from './templates';

type Properties = Record<string, unknown>;

const peering = (PeerOwnerId: unknown, more = {}) =>
  assemblyOf(stackOf({ Peering: ['EC2::VPCPeeringConnection', { PeerOwnerId }] }, more));
const service = (...AllowedPrincipals: unknown[]) =>
  assemblyOf({ Callers: ['EC2::VPCEndpointServicePermissions', { AllowedPrincipals }] });

describeRule(sharedWithAnotherAccount, {
  holds: {
    'the own account': peering(OWN),
    'an account that only a deploy knows': peering(MAYBE),
    'an account that may be the own one': peering(OTHER, { account: 'unknown-account' }),
    'no account': peering(undefined),
    'a role of the own account': service(`arn:aws:iam::${OWN}:role/Shop`),
  },
  broken: {
    'a peered network': [peering(OTHER), [`eu-central-1 Peering PeerOwnerId: this one is shared with ${OTHER}`]],
    'a service for another account': [
      service(`arn:aws:iam::${OWN}:root`, `arn:aws:iam::${OTHER}:root`),
      [`eu-central-1 Callers AllowedPrincipals: this one is shared with arn:aws:iam::${OTHER}:root`],
    ],
    'a service for everybody': [
      service(OTHER, '*'),
      ['eu-central-1 Callers AllowedPrincipals: this one is shared with everybody'],
    ],
    'a resource share': [
      assemblyOf({ Share: ['RAM::ResourceShare', { Principals: [OTHER] }] }),
      [`eu-central-1 Share Principals: this one is shared with ${OTHER}`],
    ],
  },
});

const acl = (DefaultAction: unknown, Rules?: unknown) => assemblyOf({ Firewall: ['WAFv2::WebACL', { DefaultAction, Rules }] });
const ALLOW = { Allow: {} };
const group = (OverrideAction: Properties) => ({ OverrideAction, Statement: { ManagedRuleGroupStatement: { Name: 'Core' } } });
const single = (Action: unknown) => ({ Action, Statement: { GeoMatchStatement: { CountryCodes: ['AQ'] } } });

describeRule(webAclBlocksNothing, {
  holds: {
    'a rule that refuses': acl(ALLOW, [single({ Count: {} }), single({ Block: {} })]),
    'a rule that asks': acl(ALLOW, [single({ Challenge: {} })]),
    'a group of rules': acl(ALLOW, [group({ None: {} })]),
    'refusal by default': acl({ Block: {} }, [single(ALLOW)]),
    'rules that only a deploy knows': acl(ALLOW, MAYBE),
    'a rule that only a deploy knows': acl(ALLOW, [MAYBE]),
    'a default that only a deploy knows': acl(MAYBE, []),
  },
  broken: {
    'no rule': [acl(ALLOW), ['eu-central-1 Firewall Rules: this one has no rule']],
    'rules that count': [
      acl(ALLOW, [group({ Count: {} }), single({ Count: {} })]),
      ['eu-central-1 Firewall Rules: this one has 2, and none does'],
    ],
    'rules that let pass': [acl(ALLOW, [single(ALLOW)]), ['eu-central-1 Firewall Rules: this one has 1, and none does']],
  },
});

const listener = (
  balancer: Properties,
  Port: unknown,
  targets: Properties,
  action: Properties = { TargetGroupArn: { Ref: 'Targets' } },
) =>
  assemblyOf({
    Balancer: ['ElasticLoadBalancingV2::LoadBalancer', balancer],
    Listener: [
      'ElasticLoadBalancingV2::Listener',
      { LoadBalancerArn: { Ref: 'Balancer' }, Port, DefaultActions: [{ Type: 'forward', ...action }] },
    ],
    Targets: ['ElasticLoadBalancingV2::TargetGroup', targets],
  });
const FOUND = ['eu-central-1 Listener DefaultActions: this one leads to PostgreSQL, port 5432'];

describeRule(dataPortOnPublicLoadBalancer, {
  holds: {
    'the web': listener({}, 443, { Port: 8080 }),
    'a database inside': listener({ Scheme: 'internal' }, 5432, { Port: 5432 }),
    'a scheme that only a deploy knows': listener({ Scheme: MAYBE }, 5432, { Port: 5432 }),
    'a port that only a deploy knows': listener({}, MAYBE, { Port: MAYBE }),
  },
  broken: {
    'a database': [listener({ Scheme: 'internet-facing' }, 5432, { Port: 5432 }), FOUND],
    'a database at another port, on a load balancer that is public by default': [listener({}, 443, { Port: '5432' }), FOUND],
    'a database among several groups': [
      listener({}, 443, { Port: 5432 }, { ForwardConfig: { TargetGroups: [{ TargetGroupArn: { Ref: 'Targets' } }] } }),
      FOUND,
    ],
  },
});

const pipeline = (VpcOptions?: unknown) => assemblyOf({ Feed: ['OSIS::Pipeline', { PipelineName: 'feed', VpcOptions }] });

describeRule(ingestionPipelinePublic, {
  holds: {
    'one in a network': pipeline({ SubnetIds: ['subnet-1'] }),
    'a network that only a deploy knows': pipeline(MAYBE),
  },
  broken: {
    'one in none': [pipeline(), ['eu-central-1 Feed VpcOptions: undefined']],
  },
});
