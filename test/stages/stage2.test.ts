import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ServerOption } from '../../lib/stages/server-option';
import { testStack } from '../stacks';
import { addStage, testProps } from '../synth-stages';
import { type ContainerDefinition, only, RETAINED, resources, serverRelease, siteRecord, synthesized } from './synthesized';

const MOVED = ServerOption.movedOut('row counts compared on 2026-03-02');
const SERVICE = 'AWS::ECS::Service';
const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';

describe('the second stage', () => {
  const moved = synthesized(2, { server: MOVED });
  const { primary: template } = moved;

  test('is one stack where CloudFront takes its certificate from the same Region', () => {
    expect(moved.assembly.stacks.map(({ stackName }) => stackName)).toEqual(['Shop']);
    template.resourceCountIs('AWS::WAFv2::WebACL', 0);
  });

  test('serves static files from a private bucket, to CloudFront only', () => {
    const [assets] = Object.entries(template.findResources('AWS::S3::Bucket')).find(([id]) => id.includes('Assets'))!;
    template.hasResource('AWS::S3::Bucket', {
      ...RETAINED,
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
      },
    });
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: { OriginAccessControlOriginType: 's3', SigningBehavior: 'always' },
    });
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        CacheBehaviors: Match.arrayWith([Match.objectLike({ PathPattern: '/assets/*' })]),
        Origins: Match.arrayWith([
          Match.objectLike({
            DomainName: { 'Fn::GetAtt': [assets, 'RegionalDomainName'] },
            OriginAccessControlId: Match.anyValue(),
          }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: assets },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:GetObject', Effect: 'Allow', Principal: { Service: 'cloudfront.amazonaws.com' } }),
        ]),
      },
    });
  });

  test('answers under its name from CloudFront, over TLS', () => {
    template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['shop.example.com'],
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' },
        Origins: Match.arrayWith([
          Match.objectLike({
            DomainName: 'origin.shop.example.com',
            CustomOriginConfig: Match.objectLike({ OriginProtocolPolicy: 'https-only' }),
          }),
        ]),
        ViewerCertificate: { AcmCertificateArn: Match.anyValue(), MinimumProtocolVersion: 'TLSv1.2_2021' },
      },
    });
  });

  test('ends TLS at the load balancer, which only CloudFront reaches', () => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: Match.anyValue() }],
      SslPolicy: Match.stringLikeRegexp('^ELBSecurityPolicy-TLS13'),
    });
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourcePrefixListId: 'pl-3b927c52', FromPort: 443 });
    const open = Object.values(template.findResources('AWS::EC2::SecurityGroup'))
      .filter(({ Properties }) => JSON.stringify(Properties.SecurityGroupIngress ?? '').includes('0.0.0.0/0'))
      .map(({ Properties }) => Properties.GroupDescription);
    expect(open).toEqual(['Web server']);
    template.allResourcesProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'shop.example.com',
      SubjectAlternativeNames: ['*.shop.example.com'],
    });
  });

  test('asks every task for its health where the product says', () => {
    const { primary } = synthesized(2, { server: MOVED, healthCheckPath: '/health', port: 3000 });
    primary.allResourcesProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/health',
      Port: 3000,
      TargetType: 'ip',
    });
    const { ContainerDefinitions } = Object.values(primary.findResources('AWS::ECS::TaskDefinition'))[0].Properties;
    expect(ContainerDefinitions[0]).toMatchObject({
      PortMappings: [{ ContainerPort: 3000 }],
      Environment: expect.arrayContaining([{ Name: 'PORT', Value: '3000' }]),
    });
  });

  test('runs two to five Arm tasks that roll back by themselves', () => {
    template.allResourcesProperties('AWS::ECS::TaskDefinition', {
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
    });
    template.allResourcesProperties(SERVICE, {
      DeploymentConfiguration: Match.objectLike({
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
      }),
      ServiceName: Match.absent(),
      DeploymentController: Match.absent(),
      LaunchType: Match.absent(),
      DesiredCount: Match.absent(),
    });
    template.resourceCountIs(SERVICE, 2);
    template.hasResourceProperties(TARGET, { MinCapacity: 2, MaxCapacity: 5 });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        TargetValue: 70,
      },
    });
  });

  test('keeps tasks where nobody can reach them, with a way out', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.allResourcesProperties(SERVICE, {
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          AssignPublicIp: 'DISABLED',
          Subnets: ['1', '2', '3'].map((n) => ({ Ref: Match.stringLikeRegexp(`appSubnet${n}`) })),
        },
      },
    });
  });

  test('has Aurora with a writer and a reader', () => {
    template.hasResource('AWS::RDS::DBCluster', {
      ...RETAINED,
      Properties: {
        Engine: 'aurora-postgresql',
        StorageEncrypted: true,
        KmsKeyId: Match.anyValue(),
        DeletionProtection: true,
        DBClusterIdentifier: Match.absent(),
        GlobalClusterIdentifier: Match.absent(),
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
      },
    });
    template.resourceCountIs('AWS::RDS::DBInstance', 2);
    const { Parameters } = only(template, 'AWS::RDS::DBClusterParameterGroup') as { Parameters: Record<string, string> };
    expect(Parameters['rds.logical_replication']).toBe('1');
  });

  test('has Valkey in cluster mode with a replica', () => {
    template.hasResource('AWS::ElastiCache::ReplicationGroup', {
      ...RETAINED,
      Properties: {
        Engine: 'valkey',
        NumNodeGroups: 1,
        ReplicasPerNodeGroup: 1,
        AutomaticFailoverEnabled: true,
        TransitEncryptionEnabled: true,
        AtRestEncryptionEnabled: true,
      },
      UpdatePolicy: { UseOnlineResharding: true },
    });
  });

  test('has workers that are scaled on the backlog of the job queue', () => {
    const [jobs] = Object.entries(template.findResources('AWS::SQS::Queue')).find(([id]) => !id.includes('DeadLetter'))!;
    template.hasResourceProperties('AWS::SQS::Queue', { RedrivePolicy: Match.objectLike({ maxReceiveCount: 5 }) });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyName: Match.stringLikeRegexp('^ProductApplicationWorkerService.*Backlog'),
      TargetTrackingScalingPolicyConfiguration: {
        CustomizedMetricSpecification: {
          Metrics: Match.arrayWith([
            Match.objectLike({
              MetricStat: Match.objectLike({
                Metric: Match.objectLike({ Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [jobs, 'QueueName'] } }] }),
              }),
            }),
          ]),
        },
      },
    });
    template.hasResourceProperties(TARGET, { MinCapacity: 1, MaxCapacity: 5 });
    const processes = resources(moved.assembly, 'AWS::ECS::TaskDefinition').map(({ properties }) => {
      const [{ Environment }] = properties.ContainerDefinitions as ContainerDefinition[];
      return Environment.find(({ Name }) => Name === 'PROCESS_TYPE')?.Value;
    });
    expect(processes.sort()).toEqual(['migrate', 'web', 'worker']);
  });

  test('lets core, workers and migration into database and cache, and beside them only the parts that tend the data', () => {
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties);
    const into = (port: number): string[] =>
      rules.filter(({ FromPort }) => FromPort === port).map((rule) => rule.SourceSecurityGroupId['Fn::GetAtt'][0]);
    for (const port of [5432, 6379]) {
      const ofApplication = into(port).filter((id) => id.startsWith('ProductApplication'));
      expect(ofApplication.sort()).toEqual([
        expect.stringMatching(/^ProductApplicationMigrationSecurityGroup/),
        expect.stringMatching(/^ProductApplicationServiceSecurityGroup/),
        expect.stringMatching(/^ProductApplicationWorkerSecurityGroup/),
      ]);
      // What rotates the password, and the server from which the data moves.
      for (const id of into(port).filter((one) => !ofApplication.includes(one))) {
        expect(id).toMatch(/^Product(Database|Server)/);
      }
    }
  });

  test('finds the load balancer by a record that further Regions can join', () => {
    template.hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'origin.shop.example.com.',
      Region: 'us-east-1',
      SetIdentifier: 'us-east-1',
    });
  });

  test('has one key for what it stores, which can serve other Regions', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResource('AWS::KMS::Key', { ...RETAINED, Properties: { MultiRegion: true, EnableKeyRotation: true } });
  });

  test('rings when the site is down, slow or failing', () => {
    const alarms = JSON.stringify(template.findResources('AWS::CloudWatch::Alarm'));
    for (const name of ['HTTPCode_Target_5XX_Count', 'TargetResponseTime', 'HealthyHostCount'])
      expect(alarms).toContain(`"${name}"`);
    template.hasResourceProperties('AWS::CloudWatch::CompositeAlarm', { AlarmDescription: Match.stringLikeRegexp('^Down: ') });
  });
});

describe('the site at the second stage', () => {
  test('is the server while that holds the database, and the workers stand by', () => {
    const { primary } = synthesized(2);
    const [server] = Object.keys(primary.findResources('AWS::EC2::EIP')).filter((id) => id.includes('ServerAddress'));
    expect(siteRecord(primary)).toEqual([expect.objectContaining({ Type: 'A', TTL: '60', ResourceRecords: [{ Ref: server }] })]);
    primary.hasResourceProperties(TARGET, { MinCapacity: 0, MaxCapacity: 0 });
    primary.hasResourceProperties(SERVICE, { DesiredCount: 0 });
  });

  test.each([
    ['moved out', MOVED],
    ['was retired', ServerOption.retired('row counts compared on 2026-03-02')],
    ['never was', ServerOption.never('starts with several tasks')],
    ['had no database', ServerOption.withoutDatabase()],
  ])('is CloudFront when the server %s', (_, server) => {
    const { primary } = synthesized(2, { server });
    const [distribution] = Object.keys(primary.findResources('AWS::CloudFront::Distribution'));
    const alias = { DNSName: { 'Fn::GetAtt': [distribution, 'DomainName'] } };
    expect(siteRecord(primary)).toEqual([
      expect.objectContaining({ Type: 'A', AliasTarget: expect.objectContaining(alias) }),
      expect.objectContaining({ Type: 'AAAA', AliasTarget: expect.objectContaining(alias) }),
    ]);
    expect(primary.findResources(TARGET, { Properties: { MaxCapacity: 0 } })).toEqual({});
  });

  test('without a domain is the name CloudFront gives, and the load balancer speaks HTTP to it', () => {
    const { primary } = synthesized(2, { domain: undefined });
    primary.resourceCountIs('AWS::Route53::RecordSet', 0);
    primary.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    primary.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 80, Protocol: 'HTTP' });
    primary.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourcePrefixListId: 'pl-3b927c52', FromPort: 80 });
  });
});

describe('the server at the second stage', () => {
  const VOLUME = 'AWS::EC2::Volume';
  const GROUP = 'AWS::AutoScaling::AutoScalingGroup';

  test.each([
    ['still holds the database', undefined, 1, 1],
    ['holds no database', ServerOption.withoutDatabase(), 1, 1],
    ['has moved out', MOVED, 1, 1],
    ['is retired, but its volume and backups stay', ServerOption.retired('row counts compared on 2026-03-02'), 1, 0],
    ['never was', ServerOption.never('starts with several tasks'), 0, 0],
  ])('%s', (_, server, volumes, groups) => {
    const { primary } = synthesized(2, { server });
    primary.resourceCountIs(VOLUME, volumes);
    primary.resourceCountIs('AWS::Backup::BackupVault', volumes);
    primary.resourceCountIs(GROUP, groups);
  });

  test('takes no more jobs once its data has moved', () => {
    const queue = (server?: ServerOption) => {
      const { primary } = synthesized(2, { server });
      return serverRelease(primary).includes('JobsQueue');
    };
    expect(queue()).toBe(true);
    expect(queue(MOVED)).toBe(false);
  });

  test('reminds of the move while it serves the site', () => {
    const notes = (server?: ServerOption) => {
      const stack = testStack();
      addStage(stack, 2, testProps(stack, { server }));
      return Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('still holds the database and serves the site'));
    };
    expect(notes()).toHaveLength(1);
    expect(notes(MOVED)).toEqual([]);
  });
});
