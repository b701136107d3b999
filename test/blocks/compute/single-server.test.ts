import { createHash } from 'node:crypto';
import { Lazy, Size, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DumpBucket } from '../../../lib/blocks/compute/dump-bucket';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { machineScript } from '../../../lib/blocks/compute/server/server-scripts';
import { ServerSize } from '../../../lib/blocks/compute/server-size';
import { ServerVolume } from '../../../lib/blocks/compute/server-volume';
import { SingleServer } from '../../../lib/blocks/compute/single-server';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { acknowledgedIds, everyPack } from '../every-pack';
import { nagFindings } from '../nag';
import { publicVpc, server, ZONES } from './server-fixture';

const COMPUTING = ['AWS::EC2::LaunchTemplate', 'AWS::AutoScaling::AutoScalingGroup', 'AWS::EC2::SecurityGroup', 'AWS::EC2::EIP'];
const KEPT_WITH_VOLUME = [
  'AWS::EC2::Volume',
  'AWS::Backup::BackupVault',
  'AWS::Backup::BackupPlan',
  'AWS::Backup::BackupSelection',
];

function launchTemplate(template: Template) {
  return Object.values(template.findResources('AWS::EC2::LaunchTemplate'))[0].Properties.LaunchTemplateData;
}

describe('a single server', () => {
  test('is a group of exactly one machine in the zone of its volume', () => {
    const template = templateOf((stack) => server(stack));
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '1',
      MaxSize: '1',
      DesiredCapacity: Match.absent(),
      VPCZoneIdentifier: ['subnet-0123456789abcdefb'],
      HealthCheckType: 'EC2',
    });
  });

  test('really rolls to a new machine, the old one first, and waits until the new one is ready', () => {
    templateOf((stack) => server(stack)).hasResource('AWS::AutoScaling::AutoScalingGroup', {
      CreationPolicy: { ResourceSignal: { Count: 1, Timeout: 'PT25M' } },
      UpdatePolicy: {
        AutoScalingRollingUpdate: { MinInstancesInService: 0, MaxBatchSize: 1, WaitOnResourceSignals: true, PauseTime: 'PT25M' },
      },
    });
  });

  test('starts only after its permissions, which it would wait for in vain', () => {
    const template = templateOf((stack) => server(stack));
    const policies = Object.entries(template.findResources('AWS::IAM::Policy'))
      .map(([id]) => id)
      .filter((id) => id.startsWith('Server') && !id.startsWith('ServerVolume'));
    expect(policies).toHaveLength(2);
    for (const id of policies) template.hasResource('AWS::AutoScaling::AutoScalingGroup', { DependsOn: Match.arrayWith([id]) });
  });

  test('is an Arm machine with standard credits, IMDSv2, an encrypted disk and no key pair', () => {
    const data = launchTemplate(templateOf((stack) => server(stack)));
    expect(data).toMatchObject({
      InstanceType: 't4g.small',
      CreditSpecification: { CpuCredits: 'standard' },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 8, VolumeType: 'gp3' } }],
      NetworkInterfaces: [{ AssociatePublicIpAddress: true }],
    });
    expect(data).not.toHaveProperty('KeyName');
  });

  test('takes another machine type, without credits where there are none', () => {
    const size = ServerSize.of(new ec2.InstanceType('m7g.large'), Size.gibibytes(50));
    const data = launchTemplate(templateOf((stack) => server(stack, { size })));
    expect(data.InstanceType).toBe('m7g.large');
    expect(data).not.toHaveProperty('CreditSpecification');
  });

  test('has its system pinned by a parameter that is filled once, so that no deploy replaces it for a new image; or an own one', () => {
    const template = templateOf((stack) => server(stack));
    const [[id, parameter]] = Object.entries(
      template.findResources('AWS::SSM::Parameter', { Properties: { Description: Match.stringLikeRegexp('^Image') } }),
    );
    expect(parameter.Properties).toMatchObject({
      Type: 'String',
      Value: '{{resolve:ssm:/aws/service/debian/release/12/latest/arm64}}',
    });
    expect(parameter.Properties).not.toHaveProperty('Name');
    expect(launchTemplate(template).ImageId).toEqual({ 'Fn::Join': ['', ['resolve:ssm:', { Ref: id }]] });
    const machineImage = ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-0123456789abcdef0' });
    const own = templateOf((stack) => server(stack, { machineImage }));
    expect(launchTemplate(own).ImageId).toBe('ami-0123456789abcdef0');
    own.resourceCountIs('AWS::SSM::Parameter', 1);
  });

  test('leaves attaching volume and address to the machine', () => {
    const template = templateOf((stack) => server(stack));
    template.resourceCountIs('AWS::EC2::VolumeAttachment', 0);
    template.resourceCountIs('AWS::EC2::EIPAssociation', 0);
    template.resourceCountIs('AWS::EC2::Instance', 0);
  });

  test('keeps its logs, and lets its address go with it, which would cost money unused', () => {
    const template = templateOf((stack) => server(stack));
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResource('AWS::EC2::EIP', { DeletionPolicy: Match.absent() });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 365, LogGroupName: Match.absent() });
  });

  test('encrypts its logs with the key given', () => {
    templateOf((stack) => server(stack, { encryptionKey: new kms.Key(stack, 'Key') })).hasResourceProperties(
      'AWS::Logs::LogGroup',
      { KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } },
    );
  });

  test('answers every pack, and says to the controls what one public machine is without', () => {
    const stack = testStack();
    const alarmTopic = sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:alarms');
    const made = server(stack, {
      alarmTopic,
      dumps: new DumpBucket(stack, 'Dumps'),
      encryptionKey: new kms.Key(stack, 'Key', { enableKeyRotation: true }),
    });
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
    expect(acknowledgedIds(made, 'ControlTower')).toEqual([
      'ControlTower::CT.AUTOSCALING.PR.1',
      'ControlTower::CT.AUTOSCALING.PR.6',
      'ControlTower::CT.EC2.PR.10',
      'ControlTower::CT.EC2.PR.2',
      'ControlTower::CT.EC2.PR.9',
    ]);
    expect(acknowledgedIds(made, 'Checkov')).toEqual([111, 260, 88].map((number) => `Checkov::CKV_AWS_${number}`));
    expect(acknowledgedIds(stack.node.findChild('ServerVolume'), 'Checkov')).toEqual(['Checkov::CKV_AWS_166']);
  });

  test('writes to a log group of the caller', () => {
    const template = templateOf((stack) => server(stack, { logGroup: new logs.LogGroup(stack, 'Shared') }));
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
  });

  test('hands out its public address', () => {
    const stack = testStack();
    const { publicIp } = server(stack);
    expect(stack.resolve(publicIp)).toEqual({ Ref: expect.stringMatching(/^ServerAddress/) });
  });
});

describe('who reaches a single server', () => {
  test('is the world, at 80 and 443 and nowhere else', () => {
    templateOf((stack) => server(stack)).hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Web server',
      SecurityGroupIngress: [
        Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }),
        Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 80, ToPort: 80 }),
      ],
    });
  });

  test('is nobody, when the caller says so, but those it lets in', () => {
    const template = templateOf((stack) => {
      server(stack, { allowPublicWeb: false }).connections.allowDefaultPortFrom(ec2.Peer.ipv4('198.51.100.0/24'));
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '198.51.100.0/24', FromPort: 443 })],
    });
  });
});

describe('what a single server may do', () => {
  const attach = (resource: unknown) => Match.objectLike({ Action: 'ec2:AttachVolume', Resource: resource });

  test('is attach its own volume, to machines of its own', () => {
    const template = templateOf((stack) => server(stack));
    const [volume] = Object.keys(template.findResources('AWS::EC2::Volume'));
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          attach({ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':volume/$'), { Ref: volume }])] }),
          Match.objectLike({
            Action: ['ec2:AttachVolume', 'ec2:AssociateAddress'],
            Condition: { StringEquals: { 'aws:ResourceTag/ServerVolume': { Ref: volume } } },
          }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      Tags: Match.arrayWith([{ Key: 'ServerVolume', PropagateAtLaunch: true, Value: { Ref: volume } }]),
    });
  });

  test('is use the key of its volume for that, through EBS only', () => {
    const template = templateOf((stack) => {
      const encryptionKey = new kms.Key(stack, 'Key');
      server(stack, { volume: new ServerVolume(stack, 'ServerVolume', { availabilityZone: ZONES[0], encryptionKey }) });
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'kms:CreateGrant',
            Condition: Match.objectLike({ Bool: { 'kms:GrantIsForAWSResource': true } }),
          }),
        ]),
      },
    });
  });

  test('is not to read other parameters, as the managed policy for sessions would allow', () => {
    const template = templateOf((stack) => server(stack));
    expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).not.toContain('AmazonSSM');
    const policies = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(policies).toContain('ssmmessages:OpenDataChannel');
    const wide = Object.values(template.findResources('AWS::IAM::Policy'))
      .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
      .filter(({ Resource, Action }) => Resource === '*' && JSON.stringify(Action).includes('ssm:GetParameter'));
    expect(wide).toEqual([]);
  });

  test('is what the caller grants it', () => {
    const template = templateOf((stack) => {
      new sqs.Queue(stack, 'Jobs').grantSendMessages(server(stack));
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['sqs:SendMessage']) })]) },
    });
  });
});

/** A server with everything that can be watched. */
function watched(stack: Stack): SingleServer {
  return server(stack, {
    alarmTopic: new sns.Topic(stack, 'Topic'),
    dumps: new DumpBucket(stack, 'Dumps'),
    domainName: 'shop.example.com',
  });
}

describe('the alarms of a single server', () => {
  const own = {
    Namespace: 'ScaleTiers',
    Dimensions: [{ Name: 'Volume', Value: { Ref: Match.stringLikeRegexp('^ServerVolume') } }],
  };
  const machine = {
    Namespace: 'AWS/EC2',
    Dimensions: [{ Name: 'AutoScalingGroupName', Value: { Ref: Match.stringLikeRegexp('^Server') } }],
  };
  const vault = {
    Namespace: 'AWS/Backup',
    Dimensions: [
      { Name: 'BackupVaultName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ServerVolumeVault'), 'BackupVaultName'] } },
    ],
  };

  test.each([
    ['a failed machine', 'StatusCheckFailed', machine, 'Maximum', 60, 2, 'GreaterThanOrEqualToThreshold', 1, 'notBreaching'],
    ['a site that does not answer, or silence', 'Up', own, 'Average', 300, 2, 'LessThanThreshold', 0.5, 'breaching'],
    ['a disk that fills up', 'DataVolumeUsed', own, 'Maximum', 300, 1, 'GreaterThanThreshold', 80, 'ignore'],
    ['memory that runs out', 'MemoryUsed', own, 'Average', 300, 3, 'GreaterThanThreshold', 90, 'ignore'],
    ['busy processors', 'CPUUtilization', machine, 'Average', 300, 3, 'GreaterThanThreshold', 80, 'notBreaching'],
    ['a dump that is missing, or silence', 'BackupAge', own, 'Maximum', 3600, 1, 'GreaterThanThreshold', 26, 'breaching'],
    [
      'a missing backup of the volume',
      'NumberOfBackupJobsCompleted',
      vault,
      'Sum',
      86400,
      2,
      'LessThanThreshold',
      1,
      'breaching',
    ],
    ['a certificate that ends', 'CertificateDays', own, 'Maximum', 3600, 2, 'LessThanThreshold', 21, 'ignore'],
  ])('tell of %s', (_, MetricName, of, Statistic, Period, EvaluationPeriods, ComparisonOperator, Threshold, TreatMissingData) => {
    templateOf(watched).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...of,
      MetricName,
      Statistic,
      Period,
      EvaluationPeriods,
      ComparisonOperator,
      Threshold,
      TreatMissingData,
      DatapointsToAlarm: Match.absent(),
    });
  });

  test('are eight, of seven metrics of its own, so that ten and ten are free; each with its end, to one topic', () => {
    const template = templateOf(watched);
    const action = [{ Ref: Match.stringLikeRegexp('^Topic') }];
    template.resourceCountIs('AWS::CloudWatch::Alarm', 8);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: action, OKActions: action });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      NotificationConfigurations: [Match.objectLike({ TopicARN: action[0] })],
    });
  });

  test('watch no dump, certificate or vault that is not there', () => {
    const template = templateOf((stack) => {
      const attrs = { volumeId: 'vol-0123456789abcdef0', availabilityZone: ZONES[1] };
      server(stack, { volume: ServerVolume.fromServerVolumeAttributes(stack, 'V', attrs) });
    });
    const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties.MetricName);
    expect(names.sort()).toEqual(['CPUUtilization', 'DataVolumeUsed', 'MemoryUsed', 'StatusCheckFailed', 'Up']);
  });

  test('read what the server reports, named by its volume, which outlives the machine', () => {
    const it = watched(testStack());
    const metrics = [
      it.metricUp(),
      it.metricResponseTime(),
      it.metricDataVolumeUsed(),
      it.metricMemoryUsed(),
      it.metricDatabaseCpu(),
      it.metricBackupAge(),
      it.metricCertificateDays(),
    ];
    const script = machineScript().lines;
    for (const metric of metrics) {
      expect(metric.namespace).toBe('ScaleTiers');
      expect(Object.keys(metric.dimensions ?? {})).toEqual(['Volume']);
      expect(
        script.some((line) => line.startsWith(`${metric.metricName} `) || line.includes(`MetricName=${metric.metricName},`)),
      ).toBe(true);
    }
    expect(it.metricUp({ label: 'Shop' }).label).toBe('Shop');
  });
});

describe('the script of a single server', () => {
  test('is a document of the stack, whose checksum is in the user data', () => {
    const template = templateOf((stack) => server(stack));
    const [[id, document]] = Object.entries(
      template.findResources('AWS::SSM::Document', { Properties: { UpdateMethod: 'Replace' } }),
    );
    expect(document.Properties).toMatchObject({ DocumentType: 'Command', DocumentFormat: 'JSON' });
    expect(document.Properties).not.toHaveProperty('Name');
    const lines: string[] = document.Properties.Content.mainSteps[0].inputs.runCommand;
    const userData = JSON.stringify(launchTemplate(template).UserData);
    const sha256 = createHash('sha256')
      .update(lines.map((line) => `${line}\n`).join(''))
      .digest('hex');
    expect(userData).toContain(`readonly SCRIPT_SHA256='${sha256}'`);
    expect(userData).toContain(`readonly SCRIPT_DOCUMENT='",{"Ref":"${id}"},"'`);
  });

  test('is asked for its certificate at another authority when told so', () => {
    const acmeDirectory = 'https://acme-staging-v02.api.letsencrypt.org/directory';
    const userData = (props: object) => JSON.stringify(launchTemplate(templateOf((stack) => server(stack, props))).UserData);
    expect(userData({ acmeDirectory })).toContain(`readonly ACME_DIRECTORY='${acmeDirectory}'`);
    expect(userData({})).toContain("readonly ACME_DIRECTORY='https://acme-v02.api.letsencrypt.org/directory'");
  });
});

describe('climbing from a single server', () => {
  const alone = (stack: Stack) => {
    publicVpc(stack);
    new ServerVolume(stack, 'ServerVolume', { availabilityZone: ZONES[1] });
  };

  test('retiring the machine leaves the volume and its backups as they are', () => {
    const [before, after] = [templateOf((stack) => server(stack)), templateOf(alone)];
    for (const type of KEPT_WITH_VOLUME) {
      expect(after.findResources(type)).toEqual(before.findResources(type));
      before.resourceCountIs(type, 1);
    }
    const lost = losses((stack) => server(stack), alone);
    expect(lost).toContain('AWS::AutoScaling::AutoScalingGroup WILL_DESTROY');
    expect(lost.filter((loss) => /Volume |Backup/.test(loss))).toEqual([]);
    expect(lost.filter((loss) => /EIP|LogGroup/.test(loss))).toEqual([
      'AWS::EC2::EIP WILL_DESTROY',
      'AWS::Logs::LogGroup WILL_ORPHAN',
    ]);
  });

  test('the database leaving the machine replaces nothing', () => {
    expect(
      losses(
        (stack) => server(stack),
        (stack) => server(stack, { databaseOnServer: false }),
      ),
    ).toEqual([]);
  });

  test('feature flags do not change the computing part', () => {
    expect(flagDependent((stack) => server(stack), ...COMPUTING, 'AWS::Logs::LogGroup', 'AWS::SSM::Parameter')).toEqual([]);
  });

  test('a release leaves the machine alone', () => {
    const before = templateOf((stack) => server(stack));
    const after = templateOf((stack) =>
      server(stack, { image: ProductImage.fromRegistry('example/shop:2.0.0'), port: 8000, environment: { GREETING: 'hello' } }),
    );
    for (const type of COMPUTING) expect(after.findResources(type)).toEqual(before.findResources(type));
    expect(after.findResources('AWS::SSM::Parameter')).not.toEqual(before.findResources('AWS::SSM::Parameter'));
  });

  test('the machine does not depend on what the stage is called', () => {
    const template = (id: string) => {
      const stack = testStack({ id, stackName: 'Shop' });
      server(stack);
      return Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate');
    };
    expect(Object.values(template('One'))).toEqual(Object.values(template('Two')));
  });
});

describe('a single server everywhere', () => {
  test.each([
    [
      'with a topic',
      (stack: Stack) => server(stack, { alarmTopic: sns.Topic.fromTopicArn(stack, 'T', 'arn:aws:sns:us-east-1:123456789012:t') }),
    ],
    ['without', (stack: Stack) => server(stack)],
    ['closed', (stack: Stack) => server(stack, { allowPublicWeb: false })],
    [
      'with an image of the account',
      (stack: Stack) =>
        server(stack, { image: ProductImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'R', 'shop'), '1.0.0') }),
    ],
  ])('has no open finding: %s', (_, build) => {
    const stack = testStack();
    build(stack);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('works without an environment', () => {
    const stack = agnosticStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
    const volume = new ServerVolume(stack, 'ServerVolume', { availabilityZone: vpc.availabilityZones[0] });
    server(stack, { vpc, volume });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('works twice in a stack', () => {
    const template = templateOf((stack) => {
      const vpc = publicVpc(stack);
      for (const id of ['One', 'Two']) {
        const scope = new Construct(stack, id);
        const volume = new ServerVolume(scope, 'ServerVolume', { availabilityZone: ZONES[0] });
        const image = ProductImage.fromRegistry('example/shop:1.0.0');
        new SingleServer(scope, 'Server', { vpc, volume, image, port: 3000, healthCheckPath: '/health' });
      }
    });
    template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 2);
    const vaults = Object.values(template.findResources('AWS::Backup::BackupVault'));
    expect(new Set(vaults.map((vault) => vault.Properties.BackupVaultName)).size).toBe(2);
  });

  test('waits for the way to the internet', () => {
    const stack = agnosticStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
    server(stack, { vpc, volume: new ServerVolume(stack, 'V', { availabilityZone: vpc.availabilityZones[0] }) });
    Template.fromStack(stack).hasResource('AWS::AutoScaling::AutoScalingGroup', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^VpcPublicSubnet1DefaultRoute')]),
    });
  });
});

describe('a single server refuses', () => {
  test.each([
    [
      'a volume in a zone without a public subnet',
      (stack: Stack) => server(stack, { volume: new ServerVolume(stack, 'V', { availabilityZone: 'us-east-1f' }) }),
      'volume.availabilityZone must be a zone with a public subnet of the VPC (us-east-1a, us-east-1b), got: us-east-1f',
    ],
    [
      'a VPC without public subnets',
      (stack: Stack) =>
        server(stack, { vpc: ec2.Vpc.fromVpcAttributes(stack, 'V', { vpcId: 'vpc-1', availabilityZones: ZONES }) }),
      'volume.availabilityZone must be a zone with a public subnet of the VPC (it has none), got: us-east-1b',
    ],
    [
      'a name that is no host name',
      (stack: Stack) => server(stack, { domainName: 'https://shop.example.com' }),
      "domainName must be a lower-case host name such as shop.example.com, got: 'https://shop.example.com'",
    ],
    [
      'an empty name',
      (stack: Stack) => server(stack, { domainName: '' }),
      "domainName must be a lower-case host name such as shop.example.com, got: ''",
    ],
    [
      'a database name that PostgreSQL would fold',
      (stack: Stack) => server(stack, { databaseName: 'Shop' }),
      "databaseName must be 1 to 63 lower-case letters, digits and underscores and not start with a digit, got: 'Shop'",
    ],
    [
      'a variable that it sets itself',
      (stack: Stack) => server(stack, { environment: { DATABASE_WRITER_HOST: 'elsewhere' } }),
      'environment must not set DATABASE_WRITER_HOST, because the server does: leave it out',
    ],
  ])('%s', (_, build, message) => {
    expect(() => build(testStack())).toThrow(new Error(message));
  });

  test('nothing that is not known yet', () => {
    const later = Lazy.string({ produce: () => 'shop.example.com' });
    expect(() => server(testStack(), { domainName: later, databaseName: later, healthCheckPath: later })).not.toThrow();
  });

  test('no database variable when the database is elsewhere', () => {
    const stack = testStack();
    const secret = new secretsmanager.Secret(stack, 'Secret');
    server(stack, {
      databaseOnServer: false,
      environment: { DATABASE_WRITER_HOST: 'db.example.com' },
      secrets: [{ name: 'DATABASE_PASSWORD', secret, field: 'password' }],
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['secretsmanager:GetSecretValue']) })]),
      },
    });
  });
});
