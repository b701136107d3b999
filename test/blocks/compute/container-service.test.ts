import { type Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AppContract } from '../../../lib/blocks/compute/app-contract';
import { ContainerService, type ContainerServiceProps } from '../../../lib/blocks/compute/container-service';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { ServiceSize } from '../../../lib/blocks/compute/service-size';
import { allAcknowledgements } from '../../policy-findings';
import { RECOMMENDED_FLAGS } from '../../recommended-flags';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { CLEAN, policy, QUEUE_URL, secret, service } from './service-fixture';

function templateOf(props: Partial<ContainerServiceProps> = {}, use: (made: ContainerService) => void = () => {}): Template {
  const stack = testStack();
  use(service(stack, props));
  return Template.fromStack(stack);
}

/** What a service says to the rules whose id starts like this, as `ID: REASON`. */
function acknowledged(start: string, props: Partial<ContainerServiceProps> = {}): string[] {
  const stack = testStack();
  const written = allAcknowledgements(service(stack, props));
  return written.filter(({ id }) => id.startsWith(start)).map(({ id, reason }) => `${id}: ${reason}`);
}

describe('a container service', () => {
  test('rolls out without dropping below its size and rolls back by itself', () => {
    templateOf().hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
    });
  });

  test('has nothing that a canary release, Spot or another name would have to replace', () => {
    templateOf().hasResourceProperties('AWS::ECS::Service', {
      DeploymentController: Match.absent(),
      LaunchType: Match.absent(),
      ServiceName: Match.absent(),
      CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Weight: 1 }],
    });
  });

  test('leaves the number of tasks to scaling, so that a deploy does not undo it', () => {
    const template = templateOf({ size: ServiceSize.of(1024, 4096, 3, 12) });
    template.hasResourceProperties('AWS::ECS::Service', { DesiredCount: Match.absent() });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 3, MaxCapacity: 12 });
  });

  test('stands by with no task at all, and scaling wakes none', () => {
    const stack = testStack();
    service(stack, { standby: true }).scaleOnBacklog(new sqs.Queue(stack, 'Queue'));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ECS::Service', { DesiredCount: 0 });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 0, MaxCapacity: 0 });
  });

  test('goes from standing by to running in place', () => {
    expect(losses((stack) => service(stack, { standby: true }), service)).toEqual([]);
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    const types = [
      'AWS::ECS::TaskDefinition',
      'AWS::EC2::SecurityGroup',
      'AWS::Logs::LogGroup',
      'AWS::ApplicationAutoScaling::ScalableTarget',
      'AWS::ApplicationAutoScaling::ScalingPolicy',
    ];
    expect(flagDependent((stack) => service(stack).scaleOnCpu(), ...types)).toEqual([]);
    const made = (context: Record<string, unknown>) => {
      const stack = testStack({ context });
      service(stack);
      const [found] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::Service'));
      // A flag spells out that there are no alarms to roll back by; that is an update in place, and enableDeploymentAlarms may
      // put some there.
      expect(found.Properties.DeploymentConfiguration.Alarms ?? { Enable: false }).toMatchObject({ Enable: false });
      delete found.Properties.DeploymentConfiguration.Alarms;
      return found;
    };
    expect(made(RECOMMENDED_FLAGS)).toEqual(made({}));
  });

  test('runs on Arm with the CPU and memory of its size', () => {
    templateOf({ size: ServiceSize.of(1024, 4096, 1, 2) }).hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '1024',
      Memory: '4096',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
  });

  test('tells the container its contract and which of its processes to start', () => {
    const stack = testStack();
    const cache = { host: 'cache.example.com', port: '6379', secret: secret(stack, 'Cache') };
    service(stack, { contract: new AppContract({ port: 3000, jobQueueUrl: QUEUE_URL, cache }), processType: 'mailer' });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Image: 'example/shop:1.0.0',
          Environment: Match.arrayWith([
            { Name: 'PORT', Value: '3000' },
            { Name: 'CACHE_HOST', Value: 'cache.example.com' },
            { Name: 'PROCESS_TYPE', Value: 'mailer' },
          ]),
          Secrets: [Match.objectLike({ Name: 'CACHE_USER' }), Match.objectLike({ Name: 'CACHE_PASSWORD' })],
          PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
          LinuxParameters: Match.objectLike({ InitProcessEnabled: true }),
          StopTimeout: 60,
        }),
      ],
    });
  });

  test('lets what starts it decrypt its secrets, also with a key whose policy it cannot change', () => {
    const stack = testStack({ env: { account: ACCOUNT, region: 'eu-central-1' } });
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Replica', `arn:aws:kms:eu-central-1:${ACCOUNT}:key/mrk-1`);
    const secretCompleteArn = `arn:aws:secretsmanager:eu-central-1:${ACCOUNT}:secret:shop-AbCdEf`;
    const shared = secretsmanager.Secret.fromSecretAttributes(stack, 'Secret', { secretCompleteArn, encryptionKey });
    const own = new secretsmanager.Secret(stack, 'Own', { encryptionKey: new kms.Key(stack, 'Key') });
    const at = { host: 'example.com', port: '1' };
    const database = { writerHost: 'example.com', readerHost: 'example.com', port: '1', name: 'app', secret: shared };
    service(stack, {
      contract: new AppContract({
        port: 3000,
        jobQueueUrl: QUEUE_URL,
        database,
        cache: { ...at, secret: shared },
        search: { endpoint: 'example.com', secret: own },
      }),
    });
    const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(({ Properties }) =>
      Properties.Roles[0].Ref.startsWith('ServiceTaskDefinitionExecutionRole'),
    );
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const decrypt = (Resource: unknown) => ({
      Action: 'kms:Decrypt',
      Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' } },
      Effect: 'Allow',
      Resource,
    });
    expect(statements.filter(({ Action }) => Action === 'kms:Decrypt')).toEqual([
      decrypt(encryptionKey.keyArn),
      decrypt({ 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] }),
    ]);
  });

  test('may decrypt nothing where its secrets have no key of their own', () => {
    const stack = testStack();
    const cache = { host: 'cache.example.com', port: '6379', secret: secret(stack, 'Cache') };
    service(stack, { contract: new AppContract({ port: 3000, jobQueueUrl: QUEUE_URL, cache }) });
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('kms:Decrypt');
  });

  test('without a port listens on none and lets nobody in', () => {
    const stack = testStack();
    const worker = service(stack, { port: undefined });
    expect(worker.connections.defaultPort).toBeUndefined();
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ PortMappings: Match.absent() })],
    });
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('logs for a year, and keeps its logs when it leaves the template', () => {
    const template = templateOf();
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 365, LogGroupName: Match.absent() },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          LogConfiguration: {
            LogDriver: 'awslogs',
            Options: Match.objectLike({ 'awslogs-group': { Ref: Match.stringLikeRegexp('^ServiceLogGroup') } }),
          },
        }),
      ],
    });
  });

  test('encrypts its log with the key given', () => {
    const stack = testStack();
    service(stack, { encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
  });

  test('runs as an ordinary user on files it cannot write, with /tmp in a quarter of its memory', () => {
    const template = templateOf();
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          User: '1000:1000',
          ReadonlyRootFilesystem: true,
          Memory: 512,
          LinuxParameters: {
            InitProcessEnabled: true,
            Tmpfs: [{ ContainerPath: '/tmp', Size: 128, MountOptions: ['nosuid', 'nodev', 'noexec'] }],
          },
          SystemControls: Match.absent(),
        }),
      ],
      Volumes: Match.absent(),
    });
    expect(acknowledged('ControlTower')).toEqual([]);
  });

  test('has a /tmp also where its memory is known only at the deploy', () => {
    const memory = Token.asNumber({ Ref: 'Memory' });
    templateOf({ size: ServiceSize.of(512, memory, 1, 2) }).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Memory: { Ref: 'Memory' },
          LinuxParameters: Match.objectLike({ Tmpfs: [Match.objectLike({ Size: 128 })] }),
        }),
      ],
    });
  });

  test('runs an image that asks for it as its own user, on files it can write, and says why', () => {
    const asked = ProductImage.fromRegistry('example/shop:1.0.0')
      .withOwnUser('its entry point changes the owner of files')
      .withWritableFiles('it unpacks itself below /srv at its start');
    templateOf({ image: asked }).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          User: Match.absent(),
          ReadonlyRootFilesystem: false,
          LinuxParameters: { InitProcessEnabled: true, Tmpfs: Match.absent() },
        }),
      ],
    });
    expect(acknowledged('ControlTower', { image: asked })).toEqual([
      'ControlTower::CT.ECS.PR.3: its entry point changes the owner of files',
      'ControlTower::CT.ECS.PR.6: it unpacks itself below /srv at its start',
    ]);
  });

  test.each([
    [80, [{ Namespace: 'net.ipv4.ip_unprivileged_port_start', Value: '0' }]],
    [1023, [{ Namespace: 'net.ipv4.ip_unprivileged_port_start', Value: '0' }]],
    [1024, Match.absent()],
    [undefined, Match.absent()],
  ])('lets an ordinary user listen on port %s', (port, SystemControls) => {
    templateOf({ port }).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ SystemControls })],
    });
  });

  test('says why its permissions are in policies of its own', () => {
    const packs = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'];
    for (const pack of packs) {
      expect(acknowledged(`${pack}::${pack}-IAMNoInlinePolicy`)).toEqual([expect.stringContaining('6,144 characters')]);
    }
  });

  test('starts only when the cluster has its capacity providers', () => {
    const template = templateOf();
    const [providers] = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
    template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([providers]) });
  });

  test('stands in private subnets with a way out, unless told otherwise', () => {
    const subnets = (props: Partial<ContainerServiceProps>) => {
      const [found] = Object.values(templateOf(props).findResources('AWS::ECS::Service'));
      return found.Properties.NetworkConfiguration.AwsvpcConfiguration;
    };
    expect(subnets({})).toMatchObject({
      AssignPublicIp: 'DISABLED',
      Subnets: ['subnet-private-0123456789abcdefa', 'subnet-private-0123456789abcdefb'],
    });
    const other = { availabilityZones: ['us-east-1b'], subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
    expect(subnets({ vpcSubnets: other })).toMatchObject({ Subnets: ['subnet-private-0123456789abcdefb'] });
  });

  test('opens no shell into its containers', () => {
    templateOf().hasResourceProperties('AWS::ECS::Service', { EnableExecuteCommand: false });
  });

  test('adds tasks at 70 % CPU use, or at the percentage given', () => {
    const target = (percent?: number) => ({
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        ScaleInCooldown: 300,
        TargetValue: percent,
      },
    });
    const policies = 'AWS::ApplicationAutoScaling::ScalingPolicy';
    templateOf({}, (made) => made.scaleOnCpu()).hasResourceProperties(policies, target(70));
    templateOf({}, (made) => made.scaleOnCpu(40)).hasResourceProperties(policies, target(40));
  });

  const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';

  test('keeps the jobs that wait for each running task at 100, or at the number given', () => {
    const policyOf = (jobsPerTask?: number) => {
      const stack = testStack();
      service(stack, { port: undefined }).scaleOnBacklog(new sqs.Queue(stack, 'Queue'), jobsPerTask);
      const template = Template.fromStack(stack);
      template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
      const [[id, { Properties }]] = Object.entries(template.findResources(POLICY));
      expect(Properties.PolicyName).toBe(id);
      return Properties;
    };
    const { PolicyType, TargetTrackingScalingPolicyConfiguration: config } = policyOf();
    expect(PolicyType).toBe('TargetTrackingScaling');
    expect(config).toMatchObject({ TargetValue: 100, ScaleOutCooldown: 60, ScaleInCooldown: 300 });
    const name = { 'Fn::GetAtt': [expect.stringMatching(/^Queue/), 'QueueName'] };
    expect(config.CustomizedMetricSpecification).toEqual({
      Metrics: [
        expect.objectContaining({
          Id: 'waiting',
          ReturnData: false,
          MetricStat: {
            Stat: 'Maximum',
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateNumberOfMessagesVisible',
              Dimensions: [{ Name: 'QueueName', Value: name }],
            },
          },
        }),
        expect.objectContaining({
          Id: 'running',
          ReturnData: false,
          MetricStat: {
            Stat: 'Average',
            Metric: {
              Namespace: 'ECS/ContainerInsights',
              MetricName: 'RunningTaskCount',
              Dimensions: [
                { Name: 'ClusterName', Value: { Ref: expect.stringMatching(/^Cluster/) } },
                { Name: 'ServiceName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^Service/), 'Name'] } },
              ],
            },
          },
        }),
        expect.objectContaining({
          Id: 'backlog',
          ReturnData: true,
          Expression: 'IF(FILL(running, 0) > 0, waiting / FILL(running, 0), waiting)',
        }),
      ],
    });
    expect(policyOf(20).TargetTrackingScalingPolicyConfiguration.TargetValue).toBe(20);
  });

  test.each([0, -1, Number.NaN])('refuses to keep %s jobs for each task', (jobsPerTask) => {
    const stack = testStack();
    const made = service(stack);
    expect(() => made.scaleOnBacklog(new sqs.Queue(stack, 'Queue'), jobsPerTask)).toThrow(
      `jobsPerTask must be a number above 0, got: ${jobsPerTask}, say how much one task can take`,
    );
  });

  test('runs tasks beyond a base on Spot where its size says so, and starts and stops that in place', () => {
    const spot = (base?: number) => {
      const [found] = Object.values(
        templateOf({ port: undefined, size: ServiceSize.WORKER.onSpot(base) }).findResources('AWS::ECS::Service'),
      );
      return found.Properties.CapacityProviderStrategy;
    };
    const rest = { CapacityProvider: 'FARGATE_SPOT', Weight: 1 };
    expect(spot()).toEqual([{ CapacityProvider: 'FARGATE', Base: 1, Weight: 0 }, rest]);
    expect(spot(0)).toEqual([{ CapacityProvider: 'FARGATE', Base: 0, Weight: 0 }, rest]);
    const plain = (stack: Stack) => service(stack, { port: undefined, size: ServiceSize.WORKER });
    const onSpot = (stack: Stack) => service(stack, { port: undefined, size: ServiceSize.WORKER.onSpot() });
    expect(losses(plain, onSpot)).toEqual([]);
    expect(losses(onSpot, plain)).toEqual([]);
  });

  test('takes no open requests along on Spot', () => {
    expect(() => service(testStack(), { size: ServiceSize.SMALL.onSpot() })).toThrow(
      'size must not be on Spot for a service with a port, got port 3000: leave onSpot(...) to workers (a Spot task that ends takes its open requests with it)',
    );
  });

  test('gives a worker the longest time to end its job that Fargate knows', () => {
    templateOf({ port: undefined }).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ StopTimeout: 120 })],
    });
  });

  test('asks no container for its health: the load balancer does', () => {
    templateOf().hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ HealthCheck: Match.absent() })],
    });
  });

  describe('with a shell', () => {
    const reason = 'support looks at stuck reports, only role Support may';
    const writable = ProductImage.fromRegistry('example/shop:1.0.0').withWritableFiles(
      'it unpacks itself below /srv at its start',
    );

    test('has the channels of Session Manager and says why', () => {
      const stack = testStack();
      service(stack, { image: writable }).allowExec(reason);
      const template = Template.fromStack(stack);
      template.hasResourceProperties('AWS::ECS::Service', { EnableExecuteCommand: true });
      template.hasResourceProperties('AWS::IAM::Policy', {
        Roles: [{ Ref: Match.stringLikeRegexp('^ServiceTaskDefinitionTaskRole') }],
        PolicyDocument: {
          Statement: [
            Match.objectLike({
              Action: ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(
                (name) => `ssmmessages:${name}`,
              ),
            }),
          ],
        },
      });
      expect(policy(stack)).toEqual(CLEAN);
      const written = allAcknowledgements(stack).filter(({ id }) => id.endsWith('IAM5[Resource::*]'));
      expect(written.map((one) => one.reason)).toEqual([expect.stringContaining(reason)]);
    });

    test('wants a reason, and files that can be written', () => {
      const made = service(testStack(), { image: writable });
      expect(() => made.allowExec('debugging')).toThrow(
        "reason must say in six words or more why a shell is needed and who may open one, got: 'debugging'",
      );
      expect(() => service(testStack()).allowExec(reason)).toThrow(
        'allowExec needs an image whose files can be written, got a read-only one: say image.withWritableFiles(...) first, ECS Exec puts its agent there',
      );
    });
  });

  test('may scale on CPU and on a backlog at once', () => {
    const stack = testStack();
    const both = service(stack);
    both.scaleOnCpu();
    both.scaleOnBacklog(new sqs.Queue(stack, 'Queue'));
    Template.fromStack(stack).resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 2);
  });

  test('is granted things as its running container, not as what starts it', () => {
    const stack = testStack();
    s3.Bucket.fromBucketName(stack, 'Bucket', 'files').grantRead(service(stack));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^ServiceTaskDefinitionTaskRole') }],
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'] })] },
    });
  });

  test('lets others in on its port', () => {
    const stack = testStack();
    service(stack).connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/16'));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Tasks of a container service',
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.0.0.0/16', FromPort: 3000, ToPort: 3000 })],
    });
  });

  test('tells how busy it is', () => {
    const stack = testStack();
    const { namespace, metricName, statistic } = service(stack).metricCpuUtilization({ statistic: 'Maximum' });
    expect({ namespace, metricName, statistic }).toEqual({
      namespace: 'AWS/ECS',
      metricName: 'CPUUtilization',
      statistic: 'Maximum',
    });
  });

  test('grows, moves on to another image and starts to scale in place', () => {
    const before = (stack: Stack) => service(stack);
    const after = (stack: Stack) => {
      const grown = service(stack, { size: ServiceSize.USERS_10M, image: ProductImage.fromRegistry('example/shop:2.0.0') });
      grown.scaleOnCpu();
    };
    // A revision of a task definition is always a new one.
    expect(losses(before, after)).toEqual(['AWS::ECS::TaskDefinition WILL_REPLACE']);
  });

  test('works in a cluster that is there already', () => {
    const stack = testStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['us-east-1a'],
      privateSubnetIds: ['subnet-1'],
      privateSubnetRouteTableIds: ['rtb-1'],
    });
    service(stack, { cluster: ecs.Cluster.fromClusterAttributes(stack, 'Theirs', { clusterName: 'theirs', vpc }) });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', { Cluster: 'theirs' });
  });

  test('can stand twice in one stack', () => {
    const stack = testStack();
    const first = service(stack);
    new ContainerService(stack, 'Second', {
      cluster: first.service.cluster,
      image: ProductImage.fromRegistry('example/shop:1.0.0'),
      contract: new AppContract({ port: 3000, jobQueueUrl: QUEUE_URL }),
      processType: 'worker',
      size: ServiceSize.WORKER,
    });
    const families = Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition')).map(
      ({ Properties }) => Properties.Family,
    );
    expect(new Set(families).size).toBe(2);
  });
});

describe('AwsSolutions on a container service', () => {
  test('finds nothing, with an image of a public registry', () => {
    const stack = testStack();
    service(stack).scaleOnCpu();
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('finds nothing, with secrets and an image of the own registry', () => {
    const stack = testStack();
    const database = { writerHost: 'w', readerHost: 'r', port: '5432', name: 'shop', secret: secret(stack, 'Database') };
    service(stack, {
      image: ProductImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Repository', 'shop'), '1.0.0'),
      contract: new AppContract({ port: 3000, jobQueueUrl: QUEUE_URL, database }),
    });
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('finds nothing in a stack without an environment', () => {
    const stack = agnosticStack();
    service(stack);
    expect(policy(stack)).toEqual(CLEAN);
  });
});
