import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ServerOption } from '../../lib/stages/server-option';
import { only, RETAINED, RETAINED_WITH_NAME, serverRelease, siteRecord, synthesized } from './synthesized';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const INGRESS = 'AWS::EC2::SecurityGroupIngress';

/** Everything that costs money by the hour and belongs to later stages. */
const LATER = [
  'AWS::EC2::NatGateway',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ECS::Cluster',
  'AWS::CloudFront::Distribution',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::KMS::Key',
  'AWS::WAFv2::WebACL',
];

/** The user data of the server, references as `<ID>`. */
function userData(template: Template): string {
  const { LaunchTemplateData } = only(template, 'AWS::EC2::LaunchTemplate') as {
    LaunchTemplateData: { UserData: { 'Fn::Base64': { 'Fn::Join': [string, unknown[]] } } };
  };
  const [, parts] = LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : `<${Object.values(part as object)[0]}>`)).join('');
}

describe('the first stage', () => {
  const { primary: template, assembly } = synthesized(1);

  test('is one stack with nothing of the later stages in it', () => {
    expect(assembly.stacks.map(({ stackName }) => stackName)).toEqual(['Shop']);
    for (const type of [...LATER, 'AWS::RDS::DBCluster']) template.resourceCountIs(type, 0);
  });

  test('lays the VPC out for the whole ladder, in three zones', () => {
    const subnets = Object.values(template.findResources('AWS::EC2::Subnet')).map(({ Properties }) => Properties);
    expect(subnets.map(({ CidrBlock, AvailabilityZone }) => `${CidrBlock} ${AvailabilityZone}`)).toEqual([
      '10.0.0.0/24 us-east-1a',
      '10.0.1.0/24 us-east-1b',
      '10.0.2.0/24 us-east-1c',
      '10.0.3.0/24 us-east-1a',
      '10.0.4.0/24 us-east-1b',
      '10.0.5.0/24 us-east-1c',
    ]);
  });

  test('runs one Arm machine that replaces itself', () => {
    template.resourceCountIs(GROUP, 1);
    template.hasResourceProperties(GROUP, { MinSize: '1', MaxSize: '1', VPCZoneIdentifier: [Match.anyValue()] });
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        InstanceType: 't4g.small',
        ImageId: { 'Fn::Join': ['', ['resolve:ssm:', { Ref: Match.stringLikeRegexp('ServerGroupImageParameter') }]] },
        KeyName: Match.absent(),
        MetadataOptions: { HttpTokens: 'required' },
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: Match.objectLike({ Encrypted: true }) }],
      },
    });
    template.resourceCountIs('AWS::EC2::Instance', 0);
  });

  test('opens the two ports of the web and no SSH', () => {
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    template.resourceCountIs(INGRESS, 0);
    const { SecurityGroupIngress } = only(template, 'AWS::EC2::SecurityGroup') as {
      SecurityGroupIngress: { FromPort: number; ToPort: number; IpProtocol: string }[];
    };
    expect(SecurityGroupIngress.map(({ FromPort, ToPort, IpProtocol }) => [IpProtocol, FromPort, ToPort]).sort()).toEqual([
      ['tcp', 443, 443],
      ['tcp', 80, 80],
    ]);
  });

  test('is reached through Systems Manager', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['ssmmessages:OpenControlChannel']) })]),
      },
    });
  });

  test('keeps all state on one encrypted volume that stays, in the zone of the machine', () => {
    template.resourceCountIs('AWS::EC2::Volume', 1);
    template.hasResource('AWS::EC2::Volume', {
      ...RETAINED,
      Properties: { Encrypted: true, Size: 20, VolumeType: 'gp3', AvailabilityZone: 'us-east-1a' },
    });
    template.resourceCountIs('AWS::EC2::VolumeAttachment', 0);
    const [{ Ref: subnet }] = only(template, GROUP).VPCZoneIdentifier as [{ Ref: string }];
    expect(template.toJSON().Resources[subnet].Properties.AvailabilityZone).toBe('us-east-1a');
  });

  test('runs PostgreSQL and Redis on the machine', () => {
    expect(userData(template)).toContain("readonly DATABASE_ON_SERVER='true'");
    expect(Object.keys(template.findResources('AWS::SSM::Document')).join()).toContain('ServerScriptDocument');
  });

  test('is backed up every day into a vault that stays', () => {
    template.hasResource('AWS::Backup::BackupVault', RETAINED_WITH_NAME);
    template.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [Match.objectLike({ ScheduleExpression: 'cron(0 3 * * ? *)', Lifecycle: { DeleteAfterDays: 7 } })],
      },
    });
    const [volume] = Object.keys(template.findResources('AWS::EC2::Volume'));
    template.hasResourceProperties('AWS::Backup::BackupSelection', {
      BackupSelection: {
        Resources: [{ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':volume/$'), { Ref: volume }])] }],
      },
    });
  });

  test('keeps its logs and rings on machine, site, disk, memory, backups, certificate, jobs, and what is outgrown', () => {
    template.allResources('AWS::Logs::LogGroup', RETAINED);
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    expect(alarms.map(({ MetricName }) => MetricName).sort()).toEqual([
      'ApproximateAgeOfOldestMessage',
      'ApproximateNumberOfMessagesVisible',
      'BackupAge',
      'CPUUtilization',
      'CertificateDays',
      'DataVolumeUsed',
      'DatabaseCpu',
      'MemoryUsed',
      'NumberOfBackupJobsCompleted',
      'ResponseTime',
      'StatusCheckFailed',
      'Up',
    ]);
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([{ Ref: topic }]);
  });

  test('keeps the nightly dumps and their access logs in buckets, and stores nothing else there', () => {
    template.allResources('AWS::S3::Bucket', RETAINED);
    template.resourceCountIs('AWS::S3::Bucket', 2);
    expect(userData(template)).toMatch(/readonly DUMP_BUCKET='<\w*ServerDumpsBucket\w*>'/);
  });

  test('has a job queue with a second one for failed jobs', () => {
    template.resourceCountIs('AWS::SQS::Queue', 2);
    template.hasResource('AWS::SQS::Queue', { ...RETAINED, Properties: { RedrivePolicy: { maxReceiveCount: 5 } } });
  });

  test('answers under its name at the address of the machine', () => {
    const [address] = Object.keys(template.findResources('AWS::EC2::EIP'));
    expect(siteRecord(template)).toEqual([
      {
        HostedZoneId: 'Z0123456789EXAMPLE',
        Name: 'shop.example.com.',
        Type: 'A',
        TTL: '60',
        ResourceRecords: [{ Ref: address }],
      },
    ]);
    template.hasResource('AWS::EC2::EIP', { DeletionPolicy: Match.absent() });
  });

  test('says in the template which stage and version it is', () => {
    expect(template.toJSON().Metadata).toEqual({
      'cdk-scale-tiers': { stage: 'Stage1Single', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    });
  });

  test('without a domain has an address and no record', () => {
    const { primary } = synthesized(1, { domain: undefined });
    primary.resourceCountIs('AWS::Route53::RecordSet', 0);
    primary.resourceCountIs('AWS::EC2::EIP', 1);
  });

  test('takes a key of the user for everything it stores', () => {
    const { primary } = synthesized(1, (stack) => ({
      encryptionKey: kms.Key.fromKeyArn(stack, 'Mine', 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234'),
    }));
    primary.resourceCountIs('AWS::KMS::Key', 0);
    const key = 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234';
    primary.hasResourceProperties('AWS::EC2::Volume', { KmsKeyId: key });
    primary.hasResourceProperties('AWS::Backup::BackupVault', { EncryptionKeyArn: key });
    primary.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: key });
    primary.allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: key });
  });

  test('lives in a VPC of the user', () => {
    const { primary } = synthesized(1, (stack) => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
        vpcId: 'vpc-1234',
        availabilityZones: ['us-east-1b', 'us-east-1c'],
        publicSubnetIds: ['subnet-b', 'subnet-c'],
      }),
    }));
    primary.resourceCountIs('AWS::EC2::VPC', 0);
    primary.hasResourceProperties('AWS::EC2::Volume', { AvailabilityZone: 'us-east-1b' });
    primary.hasResourceProperties(GROUP, { VPCZoneIdentifier: ['subnet-b'] });
  });
});

describe('the first stage with its database apart', () => {
  const { primary: template } = synthesized(1, { server: ServerOption.withoutDatabase() });

  test('has Aurora that pauses at 0 ACU, with no reader and no logical replication to keep it awake', () => {
    template.hasResource('AWS::RDS::DBCluster', {
      ...RETAINED,
      Properties: {
        Engine: 'aurora-postgresql',
        ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 2, SecondsUntilAutoPause: 300 },
        StorageEncrypted: true,
        DeletionProtection: true,
      },
    });
    template.resourceCountIs('AWS::RDS::DBInstance', 1);
    const { Parameters } = only(template, 'AWS::RDS::DBClusterParameterGroup');
    expect(Parameters).not.toHaveProperty(['rds.logical_replication']);
  });

  test('has a key of its own that can serve other Regions, and still no NAT gateway', () => {
    template.hasResource('AWS::KMS::Key', { ...RETAINED, Properties: { MultiRegion: true } });
    for (const type of LATER.filter((later) => later !== 'AWS::KMS::Key')) template.resourceCountIs(type, 0);
  });

  test('lets the machine in, and nobody else', () => {
    template.resourceCountIs(INGRESS, 1);
    const groups = template.findResources('AWS::EC2::SecurityGroup', { Properties: { GroupDescription: 'Web server' } });
    template.hasResourceProperties(INGRESS, {
      IpProtocol: 'tcp',
      FromPort: 5432,
      ToPort: 5432,
      SourceSecurityGroupId: { 'Fn::GetAtt': [Object.keys(groups)[0], 'GroupId'] },
    });
  });

  test('tells the machine to run no database, and where the other one is', () => {
    expect(userData(template)).toContain("readonly DATABASE_ON_SERVER='false'");
    const release = serverRelease(template);
    for (const name of [
      'DATABASE_WRITER_HOST',
      'DATABASE_READER_HOST',
      'DATABASE_REPORTING_HOST',
      'DATABASE_USER',
      'DATABASE_PASSWORD',
    ]) {
      expect(release).toContain(name);
    }
  });

  test('still keeps the cache and the certificates on the volume', () => {
    template.resourceCountIs('AWS::EC2::Volume', 1);
    expect(siteRecord(template)).toEqual([expect.objectContaining({ Type: 'A', TTL: '60' })]);
  });
});
