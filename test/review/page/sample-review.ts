import type { Review, StackFacts } from '../../../lib/review/review';
import { sampleAcknowledgements, sampleFindings } from './sample-findings';
import { picture, REGIONAL, STATEFUL } from './sample-pictures';
import { LONG_ARN, NASTY, place, REGIONS, stackOf } from './sample-places';

function stackFacts(region: string, index: number): StackFacts {
  return {
    stack: stackOf(region),
    stackName: index === 0 ? 'Shop' : `Shop-Product-${region}`,
    region,
    account: '123456789012',
    templateFile: place(region, 'x', 'x').templateFile,
    resources: { value: [236, 182, 411, 175][index], limit: 500 },
    templateBytes: { value: [299_095, 213_471, 1_048_577, 209_133][index], limit: 1_048_576 },
    outputs: { value: [12, 1, 1, 0][index], limit: 200 },
    parameters: { value: 1, limit: 200 },
  };
}

/** A review with everything in it: several stacks, every section, and names that try to break out. */
export function sampleReview(): Review {
  const findings = sampleFindings();
  const open = findings.filter(({ acknowledgement }) => acknowledgement === undefined);
  const count = (severity: string) => open.filter((finding) => finding.severity === severity).length;
  const [main, far] = REGIONS;
  return {
    version: 1,
    made: '2026-11-22T02:14:09.000Z',
    library: '0.1.0',
    assembly: 'cdk.out/assembly-stage4',
    verdict: {
      clean: false,
      failOn: 'warning',
      sentence: `Not yet: ${count('error')} errors and ${count('warning')} warnings are open in 2 of 4 stacks.`,
      open: { error: count('error'), warning: count('warning'), note: count('note') },
      acknowledged: findings.length - open.length,
    },
    checks: [
      {
        pack: 'CloudFormation-Validate',
        title: 'CloudFormation validator of CDK',
        version: '2.275.0',
        rules: { run: 214, passed: 120, notApplicable: 92, acknowledged: 1, open: 1 },
        milliseconds: 812,
      },
      {
        pack: 'AwsSolutions',
        title: 'cdk-nag AWS Solutions',
        version: '3.0.2',
        rules: { run: 152, passed: 61, notApplicable: 86, acknowledged: 4, open: 1 },
        milliseconds: 640,
      },
      {
        pack: 'HIPAA.Security',
        title: 'cdk-nag HIPAA Security',
        version: '3.0.2',
        rules: { run: 79, passed: 44, notApplicable: 29, acknowledged: 6, open: 0 },
        milliseconds: 412,
      },
      {
        pack: 'NIST.800.53.R5',
        title: 'cdk-nag NIST 800-53 revision 5',
        version: '3.0.2',
        rules: { run: 91, passed: 50, notApplicable: 33, acknowledged: 8, open: 0 },
        milliseconds: 430,
      },
      {
        pack: 'ControlTower',
        title: 'AWS Control Tower Guard rules',
        version: '0.0.62',
        rules: { run: 356, passed: 101, notApplicable: 250, acknowledged: 5, open: 0 },
        milliseconds: 2210,
      },
      {
        pack: 'ScaleTiers',
        title: 'Rules of this library',
        version: '0.1.0',
        rules: { run: 34, passed: 28, notApplicable: 4, acknowledged: 0, open: 2 },
        milliseconds: 61,
      },
      { pack: 'cfn-lint', title: 'cfn-lint', version: '1.43.2', milliseconds: 6120 },
      {
        pack: 'Checkov',
        title: 'Checkov',
        notRun: 'not installed: no findings of it were imported (scale-tiers review --import FILE.sarif takes them)',
        milliseconds: 0,
      },
    ],
    findings,
    acknowledgements: sampleAcknowledgements(),
    stacks: REGIONS.map(stackFacts),
    entrances: [
      {
        place: place(main, 'AWS::CloudFront::Distribution', 'ContentDelivery/Distribution'),
        kind: 'CloudFront',
        from: 'anyone',
        ports: 'tcp 80 (redirects), tcp 443',
        path: [
          place(main, 'AWS::CloudFront::Distribution', 'ContentDelivery/Distribution'),
          place(main, 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'LoadBalancer/Balancer'),
          place(main, 'AWS::ECS::Service', 'Service/Service'),
          place(main, 'AWS::RDS::DBCluster', 'Database/Cluster'),
        ],
        guards: ['WAF web ACL Firewall, 6 rules', 'secret header that the listener demands'],
      },
      ...REGIONS.map((region) => ({
        place: place(region, 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'LoadBalancer/Balancer'),
        kind: 'load balancer',
        from: 'CloudFront only',
        ports: 'tcp 443',
        path: [
          place(region, 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'LoadBalancer/Balancer'),
          place(region, 'AWS::ECS::Service', 'Service/Service'),
        ],
        guards: [],
      })),
      {
        place: place(far, 'AWS::EC2::Instance', `Jump${NASTY}`),
        kind: 'instance',
        from: 'addresses 203.0.113.0/24',
        ports: 'tcp 22',
        path: [place(far, 'AWS::EC2::Instance', `Jump${NASTY}`)],
        guards: [],
      },
    ],
    state: REGIONS.flatMap((region) =>
      STATEFUL.map(([id, label, kind, , type, path]) => ({
        place: place(region, type, path),
        holds: `${kind} (${label})`,
        onDelete: id === 'mails' ? 'deleted' : 'kept (Retain)',
        onReplace: id === 'mails' ? 'deleted' : 'kept (Retain)',
        protection: type === 'AWS::RDS::DBCluster' ? 'on' : 'none',
        backup: id === 'aurora' ? 'continuous, 35 days; daily copy in vault Backups' : 'none',
        onRegionLoss: region === main ? 'a copy in three other Regions goes on' : 'the primary Region goes on',
        recoveryPoint: id === 'aurora' ? 'about 1 s (asynchronous copy)' : 'messages under way',
        attention: id === 'mails' && region === far ? 'nothing keeps it when its stack goes' : undefined,
      })),
    ),
    encryption: REGIONS.flatMap((region) =>
      STATEFUL.map(([id, , , , type, path]) => ({
        place: place(region, type, path),
        atRest: id === 'topic' && region === far ? 'none' : 'customer key',
        inTransit: id === 'stream' ? 'offered' : 'required',
        because: 'StorageEncrypted, KmsKeyId; rds.force_ssl of the parameter group',
        attention: id === 'topic' && region === far ? 'messages lie unencrypted' : undefined,
      })),
    ),
    statements: [
      {
        place: place(main, 'AWS::IAM::Policy', 'Service/TaskRole/DefaultPolicy'),
        effect: 'Allow',
        principals: [],
        actions: ['s3:GetObject*', 's3:List*', 's3:PutObject'],
        resources: [LONG_ARN, 'arn:aws:s3:::assets/*'],
        conditions: [],
        why: ['actions with a wildcard', 'resources with a wildcard'],
        acknowledgement: 0,
      },
      {
        place: place(main, 'AWS::KMS::Key', 'DataKey/Key'),
        effect: 'Allow',
        principals: ['arn:aws:iam::123456789012:root'],
        actions: ['kms:*'],
        resources: ['*'],
        conditions: ['StringEquals aws:SourceAccount 123456789012'],
        why: ['every action of a service', 'every resource'],
      },
      {
        place: place(far, 'AWS::IAM::Role', `Partner${NASTY}`),
        effect: 'Allow',
        principals: ['*'],
        actions: ['sts:AssumeRole'],
        resources: [],
        conditions: [],
        why: [`anyone may take this role ${NASTY}`],
      },
    ],
    pictures: REGIONS.map(picture),
    changes: {
      against: 'cdk.out/assembly-stage3',
      added: ['stream', 'table', 'vault'].flatMap((id) =>
        REGIONAL.filter(([box]) => box === id).map(([, , , , type, path]) => place(main, type, path)),
      ),
      removed: [place(main, 'AWS::SQS::QueuePolicy', 'Jobs/OldPolicy'), place(far, 'AWS::Logs::LogGroup', `Old${NASTY}`)],
      changed: [
        {
          place: place(main, 'AWS::ElastiCache::ReplicationGroup', 'Cache/Group'),
          properties: ['NumNodeGroups', 'CacheNodeType'],
        },
      ],
      newFindings: [`${findings[0].id} at ${findings[0].place!.path}`, 'AwsSolutions::AwsSolutions-SMG4 at stage4/Shop/Nowhere'],
      newAcknowledgements: sampleAcknowledgements()
        .slice(0, 4)
        .map(({ id, path }) => `${id} at ${path}`),
      goneAcknowledgements: ['AwsSolutions::AwsSolutions-EC23 at stage3/Shop/Product/LoadBalancer'],
      promotion: {
        safe: false,
        sentence: 'Not safe in one deploy: 1 resource must be the only change of its update.',
        problems: [
          {
            place: place(main, 'AWS::ElastiCache::ReplicationGroup', 'Cache/Group'),
            verdict: 'own-deploy',
            sentence:
              'NumNodeGroups: changing the number of shards or replicas must be the only change of its update, and is not rolled back on failure',
            source: 'CloudFormation UpdatePolicy attribute, UseOnlineResharding',
          },
        ],
      },
    },
  };
}

/** The same with nothing to say. */
export function emptyReview(): Review {
  return {
    ...sampleReview(),
    verdict: {
      clean: true,
      failOn: 'warning',
      sentence: 'Nothing is open.',
      open: { error: 0, warning: 0, note: 0 },
      acknowledged: 0,
    },
    checks: [],
    findings: [],
    acknowledgements: [],
    stacks: [],
    entrances: [],
    state: [],
    encryption: [],
    statements: [],
    pictures: [],
    changes: undefined,
  };
}
