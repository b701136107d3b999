// A plain CDK app: the services of a stage, written straight with the constructs of aws-cdk-lib as its users write them, in the
// same number of stacks. Where it has fewer resources than the stage, alarms make up the difference.
import { ACCOUNT, asked, newApp, require } from './child.mjs';
import { REGIONS } from './regions.mjs';

const { Duration, RemovalPolicy, Size, Stack, Tags } = require('aws-cdk-lib');
const acm = require('aws-cdk-lib/aws-certificatemanager');
const autoscaling = require('aws-cdk-lib/aws-autoscaling');
const backup = require('aws-cdk-lib/aws-backup');
const cloudfront = require('aws-cdk-lib/aws-cloudfront');
const origins = require('aws-cdk-lib/aws-cloudfront-origins');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const actions = require('aws-cdk-lib/aws-cloudwatch-actions');
const cognito = require('aws-cdk-lib/aws-cognito');
const dynamodb = require('aws-cdk-lib/aws-dynamodb');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const elasticache = require('aws-cdk-lib/aws-elasticache');
const elbv2 = require('aws-cdk-lib/aws-elasticloadbalancingv2');
const events = require('aws-cdk-lib/aws-events');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');
const logs = require('aws-cdk-lib/aws-logs');
const msk = require('aws-cdk-lib/aws-msk');
const opensearch = require('aws-cdk-lib/aws-opensearchservice');
const rds = require('aws-cdk-lib/aws-rds');
const redshift = require('aws-cdk-lib/aws-redshiftserverless');
const route53 = require('aws-cdk-lib/aws-route53');
const targets = require('aws-cdk-lib/aws-route53-targets');
const s3 = require('aws-cdk-lib/aws-s3');
const sns = require('aws-cdk-lib/aws-sns');
const subscriptions = require('aws-cdk-lib/aws-sns-subscriptions');
const sqs = require('aws-cdk-lib/aws-sqs');
const ssm = require('aws-cdk-lib/aws-ssm');
const wafv2 = require('aws-cdk-lib/aws-wafv2');

const SERVICES = { 2: ['Web', 'Worker'], 3: ['Web', 'Worker', 'Auth', 'Notification'] };
SERVICES[4] = SERVICES[3];

/** A store whose construct knows no port of its own. */
function store(securityGroups, port) {
  return { connections: new ec2.Connections({ securityGroups, defaultPort: ec2.Port.tcp(port) }) };
}

function network(stack, { availabilityZones, vpcCidr }, stage) {
  const app = { name: 'app', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 };
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    ipAddresses: ec2.IpAddresses.cidr(vpcCidr),
    availabilityZones,
    natGateways: [0, 0, 1, 3, 3][stage],
    subnetConfiguration: [
      { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
      { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ...(stage > 1 ? [app] : []),
    ],
    gatewayEndpoints: {
      S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
      DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
    },
    restrictDefaultSecurityGroup: false,
  });
  const logGroup = new logs.LogGroup(stack, 'FlowLogGroup', { retention: logs.RetentionDays.ONE_MONTH });
  vpc.addFlowLog('FlowLog', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup) });
  return vpc;
}

function queue(stack, id, encryptionMasterKey, topic) {
  const deadLetters = new sqs.Queue(stack, `${id}DeadLetters`, { enforceSSL: true, encryptionMasterKey });
  const jobs = new sqs.Queue(stack, id, {
    enforceSSL: true,
    encryptionMasterKey,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  alarm(stack, `${id}Dead`, deadLetters.metricApproximateNumberOfMessagesVisible(), topic);
  return jobs;
}

function alarm(stack, id, metric, topic) {
  const made = new cloudwatch.Alarm(stack, `${id}Alarm`, { metric, threshold: 1, evaluationPeriods: 3 });
  made.addAlarmAction(new actions.SnsAction(topic));
}

function server(stack, vpc, topic) {
  const key = new ec2.Volume(stack, 'Volume', {
    availabilityZone: vpc.availabilityZones[0],
    size: Size.gibibytes(50),
    encrypted: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const role = new iam.Role(stack, 'ServerRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  role.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore'));
  const securityGroup = new ec2.SecurityGroup(stack, 'ServerGroup', { vpc });
  securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443));
  const launchTemplate = new ec2.LaunchTemplate(stack, 'Template', {
    role,
    securityGroup,
    instanceType: new ec2.InstanceType('t4g.small'),
    machineImage: ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 }),
    userData: ec2.UserData.forLinux(),
    requireImdsv2: true,
  });
  key.grantAttachVolume(role);
  new autoscaling.AutoScalingGroup(stack, 'Server', {
    vpc,
    launchTemplate,
    minCapacity: 1,
    maxCapacity: 1,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
  });
  const address = new ec2.CfnEIP(stack, 'Address', { domain: 'vpc' });
  const logGroup = new logs.LogGroup(stack, 'ServerLog', { retention: logs.RetentionDays.THREE_MONTHS });
  logGroup.grantWrite(role);
  const parameter = new ssm.StringParameter(stack, 'Release', { stringValue: 'nginx-unprivileged:1.29' });
  parameter.grantRead(role);
  const vault = new backup.BackupVault(stack, 'Vault', { removalPolicy: RemovalPolicy.RETAIN });
  const plan = new backup.BackupPlan(stack, 'Backups', { backupVault: vault });
  plan.addRule(backup.BackupPlanRule.daily(vault));
  plan.addSelection('Selection', { resources: [backup.BackupResource.fromTag('backup', 'yes')] });
  for (const name of ['StatusCheckFailed', 'CPUUtilization', 'NetworkOut']) {
    alarm(stack, name, new cloudwatch.Metric({ namespace: 'AWS/EC2', metricName: name }), topic);
  }
  return { address, role };
}

function database(stack, vpc, { readers, proxy, primary, storageEncryptionKey }) {
  const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_6 });
  const cluster = new rds.DatabaseCluster(stack, 'Database', {
    engine,
    vpc,
    vpcSubnets: { subnetGroupName: 'data' },
    writer: rds.ClusterInstance.serverlessV2('Writer'),
    readers: Array.from({ length: readers }, (_, index) =>
      rds.ClusterInstance.serverlessV2(`Reader${index}`, { scaleWithWriter: true }),
    ),
    parameterGroup: new rds.ParameterGroup(stack, 'DatabaseParameters', { engine, parameters: { 'rds.force_ssl': '1' } }),
    credentials: primary
      ? rds.Credentials.fromGeneratedSecret('app')
      : rds.Credentials.fromPassword('app', require('aws-cdk-lib').SecretValue.ssmSecure('/app')),
    storageEncrypted: true,
    storageEncryptionKey,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    cloudwatchLogsExports: ['postgresql'],
  });
  if (!proxy) return { cluster, front: cluster };
  const front = cluster.addProxy('Proxy', { vpc, secrets: [cluster.secret], vpcSubnets: { subnetGroupName: 'data' } });
  return { cluster, front: store(front.connections.securityGroups, 5432) };
}

function cache(stack, vpc) {
  const id = 'Cache';
  const securityGroup = new ec2.SecurityGroup(stack, `${id}Group`, { vpc });
  const { subnetIds } = vpc.selectSubnets({ subnetGroupName: 'data' });
  const subnets = new elasticache.CfnSubnetGroup(stack, `${id}Subnets`, { description: 'the cache', subnetIds });
  const parameters = new elasticache.CfnParameterGroup(stack, `${id}Parameters`, {
    cacheParameterGroupFamily: 'valkey8',
    description: 'the cache',
    properties: { 'cluster-enabled': 'yes' },
  });
  const user = (name, access) =>
    new elasticache.CfnUser(stack, `${id}User${name}`, {
      engine: 'valkey',
      userId: name,
      userName: name,
      accessString: access,
      authenticationMode: { Type: 'iam' },
    });
  const users = [user('default', 'off -@all'), user('app', 'on ~* +@all')];
  const userGroup = new elasticache.CfnUserGroup(stack, `${id}Users`, {
    engine: 'valkey',
    userGroupId: `${id.toLowerCase()}-users`,
    userIds: users.map(({ userId }) => userId),
  });
  new elasticache.CfnReplicationGroup(stack, id, {
    replicationGroupDescription: 'the cache',
    engine: 'valkey',
    cacheNodeType: 'cache.r7g.large',
    numNodeGroups: 2,
    replicasPerNodeGroup: 1,
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
    atRestEncryptionEnabled: true,
    transitEncryptionEnabled: true,
    cacheParameterGroupName: parameters.ref,
    cacheSubnetGroupName: subnets.ref,
    securityGroupIds: [securityGroup.securityGroupId],
    userGroupIds: [userGroup.ref],
  });
  return store([securityGroup], 6379);
}

function application(stack, vpc, { names, stores, environment, topic, grants }) {
  const cluster = new ecs.Cluster(stack, 'Compute', { vpc, enableFargateCapacityProviders: true });
  const certificate = new acm.Certificate(stack, 'Certificate', { domainName: 'shop.example.com' });
  const balancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
  const listener = balancer.addListener('Https', {
    port: 443,
    certificates: [certificate],
    sslPolicy: elbv2.SslPolicy.TLS13_RES,
  });
  for (const name of names) {
    const task = new ecs.FargateTaskDefinition(stack, `${name}Task`, {
      cpu: 512,
      memoryLimitMiB: 1024,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64 },
    });
    const logGroup = new logs.LogGroup(stack, `${name}Log`, { retention: logs.RetentionDays.THREE_MONTHS });
    task.addContainer('App', {
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.29'),
      environment,
      portMappings: [{ containerPort: 8080 }],
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: name, logGroup }),
    });
    const service = new ecs.FargateService(stack, name, {
      cluster,
      taskDefinition: task,
      desiredCount: 2,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      vpcSubnets: { subnetGroupName: 'app' },
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
    });
    for (const store of stores) store.connections.allowDefaultPortFrom(service);
    for (const grant of grants) grant(task.taskRole);
    if (name === 'Web') {
      listener.addTargets('Web', { port: 8080, targets: [service], healthCheck: { path: '/' } });
    }
    if (name === 'Auth') {
      listener.addTargets('Auth', {
        port: 8080,
        targets: [service],
        priority: 1,
        conditions: [elbv2.ListenerCondition.pathPatterns(['/auth/*'])],
      });
    }
    const scaling = service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 20 });
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    if (name === 'Web') scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: 70 });
    alarm(stack, `${name}Cpu`, service.metricCpuUtilization(), topic);
    alarm(stack, `${name}Memory`, service.metricMemoryUtilization(), topic);
  }
  alarm(stack, 'Errors', balancer.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT), topic);
  alarm(stack, 'Latency', balancer.metrics.targetResponseTime(), topic);
  return balancer;
}

function site(stack, balancer, { assets, logBucket, zone, webAclId }) {
  const certificate = new acm.Certificate(stack, 'EdgeCertificate', { domainName: 'shop.example.com' });
  const distribution = new cloudfront.Distribution(stack, 'Site', {
    domainNames: ['shop.example.com'],
    certificate,
    webAclId,
    defaultBehavior: {
      origin: new origins.HttpOrigin(balancer.loadBalancerDnsName),
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
    },
    additionalBehaviors: { '/assets/*': { origin: origins.S3BucketOrigin.withOriginAccessControl(assets) } },
    logBucket,
  });
  const target = route53.RecordTarget.fromAlias(new targets.CloudFrontTarget(distribution));
  new route53.ARecord(stack, 'SiteRecord', { zone, recordName: 'shop', target });
}

function firewall(stack) {
  const logGroup = new logs.LogGroup(stack, 'FirewallLog', { logGroupName: 'aws-waf-logs-shop' });
  const acl = new wafv2.CfnWebACL(stack, 'Firewall', {
    scope: 'CLOUDFRONT',
    defaultAction: { allow: {} },
    visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: 'all', sampledRequestsEnabled: true },
    rules: ['CommonRuleSet', 'KnownBadInputsRuleSet', 'AmazonIpReputationList'].map((name, priority) => ({
      name,
      priority,
      overrideAction: { none: {} },
      statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: `AWSManagedRules${name}` } },
      visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: name, sampledRequestsEnabled: true },
    })),
  });
  new wafv2.CfnLoggingConfiguration(stack, 'FirewallLogging', {
    resourceArn: acl.attrArn,
    logDestinationConfigs: [logGroup.logGroupArn],
  });
  return acl.attrArn;
}

function specialties(stack, vpc, { encryptionKey, cluster }) {
  const search = new opensearch.Domain(stack, 'Search', {
    version: opensearch.EngineVersion.OPENSEARCH_2_19,
    vpc,
    vpcSubnets: [{ subnetGroupName: 'data' }],
    zoneAwareness: { availabilityZoneCount: 3 },
    capacity: {
      dataNodes: 3,
      dataNodeInstanceType: 'r7g.large.search',
      masterNodes: 3,
      masterNodeInstanceType: 'm7g.large.search',
    },
    ebs: { volumeSize: 100, volumeType: ec2.EbsDeviceVolumeType.GP3 },
    encryptionAtRest: { enabled: true, kmsKey: encryptionKey },
    nodeToNodeEncryption: true,
    enforceHttps: true,
    logging: { slowSearchLogEnabled: true, slowIndexLogEnabled: true, appLogEnabled: true },
    // Otherwise it brings a Lambda function with an asset, which no stage has.
    suppressLogsResourcePolicy: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const namespace = new redshift.CfnNamespace(stack, 'Warehouse', {
    namespaceName: 'shop',
    kmsKeyId: encryptionKey.keyArn,
    manageAdminPassword: true,
  });
  const group = new ec2.SecurityGroup(stack, 'WarehouseGroup', { vpc });
  new redshift.CfnWorkgroup(stack, 'Workgroup', {
    workgroupName: 'shop',
    namespaceName: namespace.namespaceName,
    subnetIds: vpc.selectSubnets({ subnetGroupName: 'data' }).subnetIds,
    securityGroupIds: [group.securityGroupId],
    baseCapacity: 8,
  });
  new rds.CfnIntegration(stack, 'ZeroEtl', {
    sourceArn: cluster.clusterArn,
    targetArn: namespace.attrNamespaceNamespaceArn,
    integrationName: 'shop',
  });
  const pool = new cognito.UserPool(stack, 'Users', { removalPolicy: RemovalPolicy.RETAIN, signInAliases: { email: true } });
  pool.addClient('Client', { authFlows: { userSrp: true } });
  const table = new dynamodb.TableV2(stack, 'Table', {
    partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  return { table, stores: [store(search.connections.securityGroups, 443), store([group], 5439)] };
}

function stream(stack, vpc) {
  const group = new ec2.SecurityGroup(stack, 'StreamGroup', { vpc });
  const logGroup = new logs.LogGroup(stack, 'StreamLog', { retention: logs.RetentionDays.ONE_MONTH });
  const configuration = new msk.CfnConfiguration(stack, 'StreamConfiguration', {
    name: 'shop',
    serverProperties: 'auto.create.topics.enable=false',
  });
  new msk.CfnCluster(stack, 'Stream', {
    clusterName: 'shop',
    kafkaVersion: '3.8.x',
    numberOfBrokerNodes: 3,
    brokerNodeGroupInfo: {
      instanceType: 'express.m7g.large',
      clientSubnets: vpc.selectSubnets({ subnetGroupName: 'data' }).subnetIds,
      securityGroups: [group.securityGroupId],
    },
    clientAuthentication: { sasl: { iam: { enabled: true } } },
    configurationInfo: { arn: configuration.attrArn, revision: 1 },
    loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: logGroup.logGroupName } } },
  });
  return store([group], 9098);
}

/** The product of a stage in one Region; `padding` alarms more. */
function product(stack, region, { stage, primary, padding }) {
  Tags.of(stack).add('team', 'checkout');
  const topic = new sns.Topic(stack, 'Alarms', { enforceSSL: true });
  const vpc = network(stack, region, stage);
  const zone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
  const encryptionKey = stage > 1 ? new kms.Key(stack, 'Key', { enableKeyRotation: true }) : undefined;
  const jobs = queue(stack, 'Jobs', encryptionKey, topic);
  if (primary) {
    const { address, role } = server(stack, vpc, topic);
    jobs.grantSendMessages(role);
    if (stage === 1) {
      const target = route53.RecordTarget.fromIpAddresses(address.ref);
      new route53.ARecord(stack, 'Record', { zone, recordName: 'shop', target });
    }
  }
  if (stage > 1) {
    const bucket = { enforceSSL: true, blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, removalPolicy: RemovalPolicy.RETAIN };
    const logBucket = new s3.Bucket(stack, 'Logs', { ...bucket, objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED });
    const assets = new s3.Bucket(stack, 'Assets', {
      ...bucket,
      versioned: true,
      lifecycleRules: [{ expiration: Duration.days(365) }],
    });
    const { cluster, front } = database(stack, vpc, {
      readers: stage === 2 || !primary ? 1 : 2,
      proxy: primary && stage > 2,
      primary,
      storageEncryptionKey: encryptionKey,
    });
    const stores = [front, cache(stack, vpc)];
    const grants = [
      (role) => jobs.grantSendMessages(role),
      (role) => assets.grantRead(role),
      (role) => jobs.grantConsumeMessages(role),
    ];
    const environment = {
      DATABASE_HOST: cluster.clusterEndpoint.hostname,
      JOB_QUEUE_URL: jobs.queueUrl,
      ASSETS: assets.bucketName,
    };
    if (stage > 2) {
      const bus = new events.EventBus(stack, 'Bus');
      const news = new sns.Topic(stack, 'News', { enforceSSL: true, masterKey: encryptionKey });
      news.addSubscription(new subscriptions.SqsSubscription(queue(stack, 'Notifications', encryptionKey, topic)));
      grants.push(
        (role) => bus.grantPutEventsTo(role),
        (role) => news.grantPublish(role),
      );
      if (primary) {
        const special = specialties(stack, vpc, { encryptionKey, cluster });
        stores.push(...special.stores);
        grants.push((role) => special.table.grantReadWriteData(role));
      }
    }
    if (stage > 3) stores.push(stream(stack, vpc));
    const names = SERVICES[stage];
    const balancer = application(stack, vpc, { names, stores, environment, topic, grants });
    if (primary) site(stack, balancer, { assets, logBucket, zone, webAclId: stage > 2 ? firewall(stack) : undefined });
    const target = route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(balancer));
    new route53.ARecord(stack, 'Origin', { zone, recordName: 'origin', target });
  }
  for (let index = 0; index < padding; index++) {
    alarm(stack, `Padding${index}`, jobs.metricApproximateAgeOfOldestMessage(), topic);
  }
}

const app = newApp();
for (const [index, region] of REGIONS.slice(0, asked.regions).entries()) {
  const stack = new Stack(app, index === 0 ? 'Shop' : `Shop-${region.region}`, {
    env: { account: ACCOUNT, region: region.region },
  });
  product(stack, region, { stage: asked.stage, primary: index === 0, padding: asked.padding?.[region.region] ?? 0 });
}
app.synth();
