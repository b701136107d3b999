import type { Finding } from '../../../lib/review/finding';
import type { AcknowledgementEntry } from '../../../lib/review/register/acknowledgement-entry';
import { LONG_ARN, NASTY, place, REGIONS } from './sample-places';

const REASONS = [
  'IAM5 guards against a role that reaches more than its task. The wildcard stands behind the ARN of one bucket of this stack: s3:GetObject* has no narrower form for object versions, and the bucket policy refuses other accounts.',
  'The rule wants policies apart from roles, so that they can be reused. This policy names resources of this stack only, lives and dies with its role, and is reviewed with it in one template.',
  'Access logs of the log bucket would log themselves. CloudTrail data events record who reads it.',
];

const PACKS = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'];

export function sampleAcknowledgements(): AcknowledgementEntry[] {
  const path = 'stage4/Shop/Product/Service/TaskRole/DefaultPolicy';
  const where = { file: 'lib/blocks/compute/core-service.ts', line: 88 };
  const known = { form: 'cdk', since: '2026-11-20', stack: 'stage4/Shop' };
  return [
    { id: `AwsSolutions::AwsSolutions-IAM5[Resource::${LONG_ARN}]`, reason: REASONS[0], path, where, covers: 1, ...known },
    ...PACKS.map((pack) => ({
      id: `${pack}::${pack}-IAMNoInlinePolicy`,
      reason: REASONS[1],
      path: 'stage4/Shop',
      where: { ...where, line: 91 },
      covers: 28,
      ...known,
    })),
    {
      id: 'AwsSolutions::AwsSolutions-S1',
      reason: REASONS[2],
      path: 'stage4/Shop/Product/Logs',
      where: { file: 'lib/blocks/operations/log-bucket.ts', line: 40 },
      covers: 1,
      ...known,
    },
    {
      id: 'AwsSolutions::AwsSolutions-SQS3',
      reason: `it is a dead letter queue ${NASTY}`,
      path: 'stage4/Shop/Product/Jobs',
      form: 'cdk_nag',
      covers: 0,
      fault: 'unused',
    },
    { id: 'CKV_AWS_18', reason: '', path: 'stage4/Shop/Product/Assets/Bucket', form: 'checkov', covers: 0, fault: 'no reason' },
  ];
}

export function sampleFindings(): Finding[] {
  const [main, far] = REGIONS;
  const open: Finding[] = [
    {
      id: 'ScaleTiers::certificate-outside-us-east-1',
      severity: 'error',
      message: 'CloudFront takes certificates from us-east-1 only: the deploy fails otherwise. This one is in eu-central-1.',
      remedy: 'Request the certificate in us-east-1.',
      source: 'CloudFront developer guide, Requirements for using SSL/TLS certificates with CloudFront',
      place: place(far, 'AWS::CloudFront::Distribution', 'ContentDelivery/Distribution'),
      property: 'DistributionConfig.ViewerCertificate.AcmCertificateArn',
    },
    {
      id: 'ScaleTiers::trust-to-anyone',
      severity: 'error',
      message: `Anyone may take this role: ${NASTY}`,
      place: place(far, 'AWS::IAM::Role', `Partner${NASTY}`),
      property: 'AssumeRolePolicyDocument.Statement.0.Principal',
    },
    {
      id: 'AwsSolutions::AwsSolutions-SNS3',
      severity: 'warning',
      message: 'The topic does not require publishers to use TLS.',
      remedy: 'Set enforceSSL.',
      source: 'AwsSolutions-SNS3',
      place: { ...place(far, 'AWS::SNS::Topic', 'Events/Topic'), source: undefined, path: undefined },
    },
    {
      id: 'CloudFormation-Validate::W3045',
      severity: 'warning',
      message: `Property value is ${LONG_ARN}`,
      place: place(main, 'AWS::S3::Bucket', 'Assets/Bucket'),
      property: 'AccessControl',
    },
    { id: 'cfn-lint::I3042', severity: 'note', message: 'ARN in Resource should be constructed with the partition.' },
  ];
  const policies = REGIONS.flatMap((region) =>
    ['Service', 'Worker', 'Auth', 'Notification', 'Server', 'Search', 'Replicator'].map((name) =>
      place(region, 'AWS::IAM::Policy', `${name}/TaskRole/DefaultPolicy`),
    ),
  );
  const acknowledged: Finding[] = PACKS.flatMap((pack, index) =>
    policies.map((policy) => ({
      id: `${pack}::${pack}-IAMNoInlinePolicy`,
      severity: 'warning' as const,
      message: 'The IAM Group, User, or Role contains an inline policy.',
      place: policy,
      acknowledgement: index + 1,
    })),
  );
  return [
    ...open,
    {
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${LONG_ARN}]`,
      severity: 'error',
      message: 'The IAM entity contains wildcard permissions.',
      place: policies[0],
      property: 'PolicyDocument',
      acknowledgement: 0,
    },
    ...acknowledged,
    {
      id: 'AwsSolutions::AwsSolutions-S1',
      severity: 'error',
      message: 'The S3 Bucket has server access logs disabled.',
      place: place(main, 'AWS::S3::Bucket', 'Logs/Bucket'),
      acknowledgement: 5,
    },
  ];
}
