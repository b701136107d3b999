import { Duration, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AuroraDatabase, type AuroraDatabaseProps } from '../../../lib/blocks/data/aurora-database';
import { DatabaseSize } from '../../../lib/blocks/data/database-size';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { additions, FLAGS, losses } from './kept';
import { vpc } from './vpc';

function database(props: Partial<AuroraDatabaseProps> = {}, stack = testStack()): Stack {
  new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), ...props });
  return stack;
}

function template(props: Partial<AuroraDatabaseProps> = {}): Template {
  return Template.fromStack(database(props));
}

describe('what cannot change later', () => {
  test('the cluster is encrypted, retained, protected and nameless', () => {
    template().hasResource('AWS::RDS::DBCluster', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Engine: 'aurora-postgresql',
        EngineVersion: '16.13',
        DatabaseName: 'app',
        StorageEncrypted: true,
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('DatabaseKey'), 'Arn'] },
        DeletionProtection: true,
        Port: 5432,
        DBClusterIdentifier: Match.absent(),
        AvailabilityZones: Match.absent(),
        ManageMasterUserPassword: Match.absent(),
        GlobalClusterIdentifier: Match.absent(),
        EnableIAMDatabaseAuthentication: true,
        CopyTagsToSnapshot: true,
        BackupRetentionPeriod: 14,
        EnableCloudwatchLogsExports: ['postgresql'],
        PerformanceInsightsKmsKeyId: Match.anyValue(),
        DatabaseInsightsMode: 'standard',
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
      },
    });
  });

  test('its own key is multi-Region, rotates and stays', () => {
    template().hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'Retain',
      Properties: { MultiRegion: true, EnableKeyRotation: true },
    });
  });

  test('a given key encrypts storage, credentials and statistics, and no other is made', () => {
    const stack = testStack();
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:123456789012:key/mrk-1');
    const given = Template.fromStack(database({ encryptionKey }, stack));
    given.resourceCountIs('AWS::KMS::Key', 0);
    given.hasResourceProperties('AWS::RDS::DBCluster', {
      KmsKeyId: encryptionKey.keyArn,
      PerformanceInsightsKmsKeyId: encryptionKey.keyArn,
    });
    given.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: encryptionKey.keyArn });
  });

  test('the credentials are our own secret, retained, with frozen criteria', () => {
    const secrets = template().findResources('AWS::SecretsManager::Secret');
    // No hash of the criteria in the id, which would make another secret of other criteria.
    expect(Object.keys(secrets)).toEqual(['DatabaseSecret3B817195']);
    expect(Object.values(secrets)[0]).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        GenerateSecretString: {
          GenerateStringKey: 'password',
          SecretStringTemplate: '{"username":"app"}',
          ExcludeCharacters: '"@/\\ \'%:?#&=+',
        },
      },
    });
    expect(Object.values(secrets)[0].Properties.Name).toBeUndefined();
  });

  test('subnet group and parameter group are retained and nameless', () => {
    for (const type of ['AWS::RDS::DBSubnetGroup', 'AWS::RDS::DBClusterParameterGroup']) {
      template().hasResource(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
    template().hasResourceProperties('AWS::RDS::DBSubnetGroup', { DBSubnetGroupName: Match.absent() });
  });

  test('the writer is retained, readers are not', () => {
    const instances = template({ readers: 2 }).findResources('AWS::RDS::DBInstance');
    const policies = Object.entries(instances).map(([id, { DeletionPolicy }]) => [
      id.replace(/.*(Writer|Reader\d).*/, '$1'),
      DeletionPolicy,
    ]);
    expect(Object.fromEntries(policies)).toEqual({ Writer: 'Retain', Reader1: 'Delete', Reader2: 'Delete' });
  });

  test('no custom resource, function or asset comes along', () => {
    template().resourceCountIs('AWS::Lambda::Function', 0);
    template().resourceCountIs('AWS::CloudFormation::CustomResource', 0);
    template().resourceCountIs('Custom::LogRetention', 0);
  });
});

describe('monitoring', () => {
  test('every instance reports once a minute, by a role that writes to one log group', () => {
    const given = template({ readers: 2 });
    given.allResourcesProperties('AWS::RDS::DBInstance', {
      MonitoringInterval: 60,
      MonitoringRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DatabaseMonitoringRole'), 'Arn'] },
    });
    given.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: 'monitoring.rds.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
          }),
        ],
      },
    });
    const [policy] = Object.values(given.findResources('AWS::IAM::ManagedPolicy'));
    expect(policy.Properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Effect: 'Allow',
        Resource: {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':logs:us-east-1:123456789012:log-group:RDSOSMetrics:*']],
        },
      }),
    ]);
  });

  test('instances wait until the role may write', () => {
    const given = template({ readers: 1 });
    const [policy] = Object.keys(given.findResources('AWS::IAM::ManagedPolicy'));
    given.allResources('AWS::RDS::DBInstance', { DependsOn: Match.arrayWith([policy]) });
  });

  test('comes to instances that are there already in place', () => {
    const before = (stack: Stack) => {
      database({ readers: 1 }, stack);
      for (const child of stack.node.findAll()) {
        if (!(child instanceof rds.CfnDBInstance)) continue;
        child.monitoringInterval = undefined;
        child.monitoringRoleArn = undefined;
      }
      return stack;
    };
    expect(losses(before(testStack()), database({ readers: 1 }))).toEqual([]);
  });
});

describe('parameters', () => {
  const CONSTANT = {
    'rds.force_ssl': '1',
    shared_preload_libraries: 'pg_stat_statements',
    log_min_duration_statement: '1000',
    log_lock_waits: '1',
    log_temp_files: '10240',
    log_autovacuum_min_duration: '5000',
    track_io_timing: '1',
    idle_in_transaction_session_timeout: '900000',
  };
  test('changes can be streamed out by default', () => {
    template().hasResourceProperties('AWS::RDS::DBClusterParameterGroup', {
      Family: 'aurora-postgresql16',
      Parameters: {
        ...CONSTANT,
        'rds.logical_replication': '1',
        'aurora.enhanced_logical_replication': '1',
        'aurora.logical_replication_backup': '0',
        'aurora.logical_replication_globaldb': '0',
      },
    });
  });

  test('without logical replication none of its parameters is left', () => {
    const group = template({ logicalReplication: false }).findResources('AWS::RDS::DBClusterParameterGroup');
    expect(Object.values(group)[0].Properties.Parameters).toEqual(CONSTANT);
  });

  test('0 ACU pauses after five minutes, and warns while logical replication keeps it awake', () => {
    const paused = database({ size: DatabaseSize.USERS_1K, logicalReplication: false });
    Template.fromStack(paused).hasResourceProperties('AWS::RDS::DBCluster', {
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 2, SecondsUntilAutoPause: 300 },
    });
    Annotations.fromStack(paused).hasNoWarning('*', Match.anyValue());
    Annotations.fromStack(database({ size: DatabaseSize.USERS_1K })).hasWarning(
      '/Shop/Database',
      Match.stringLikeRegexp('stays awake while logicalReplication is on'),
    );
  });
});

describe('promotion', () => {
  const steps: [string, Partial<AuroraDatabaseProps>, Partial<AuroraDatabaseProps>, string[]][] = [
    ['a first reader', {}, { readers: 1 }, ['AWS::RDS::DBInstance']],
    ['a second reader', { readers: 1 }, { readers: 2 }, ['AWS::RDS::DBInstance']],
    ['two readers at once', {}, { readers: 2 }, ['AWS::RDS::DBInstance', 'AWS::RDS::DBInstance']],
    ['a larger size', { size: DatabaseSize.USERS_100K }, { size: DatabaseSize.USERS_10M }, []],
    ['waking up for good', { size: DatabaseSize.USERS_1K, logicalReplication: false }, { size: DatabaseSize.USERS_1M }, []],
    ['logical replication off', {}, { logicalReplication: false }, []],
    ['copies of the credentials', {}, { credentialReplicaRegions: ['eu-central-1', 'ap-southeast-1'] }, []],
    ['a longer backup', {}, { backupRetention: Duration.days(35) }, []],
    ['a newer minor version', { engineVersion: rds.AuroraPostgresEngineVersion.VER_16_11 }, {}, []],
  ];
  for (const [name, from, to, added] of steps) {
    test(`${name} replaces and loses nothing`, () => {
      expect(losses(database(from), database(to))).toEqual([]);
      expect(additions(database(from), database(to))).toEqual(added);
    });
  }

  test('the comparison sees what would be lost', () => {
    expect(losses(database(), database({ databaseName: 'shop' }))).toEqual([
      expect.stringMatching(/DBCluster\) changes DatabaseName/),
    ]);
    expect(losses(database({ readers: 1 }), database())).toEqual([expect.stringMatching(/Reader1.* is gone/)]);
  });

  test('feature flags of the user change nothing that replaces', () => {
    const flagged = database({ readers: 1 }, testStack({ context: FLAGS }));
    expect(losses(database({ readers: 1 }), flagged)).toEqual([]);
    expect(losses(flagged, database({ readers: 1 }))).toEqual([]);
  });
});

describe('use', () => {
  test('reads go to the writer without a reader, and to the reader endpoint with one', () => {
    const stack = testStack();
    const network = vpc(stack);
    const alone = new AuroraDatabase(stack, 'Alone', { vpc: network });
    const pair = new AuroraDatabase(stack, 'Pair', { vpc: network, readers: 1 });
    expect(alone.readerHost).toBe(alone.writerHost);
    expect(JSON.stringify(stack.resolve(pair.readerHost))).toContain('ReadEndpoint.Address');
    expect(pair.port).toBe(5432);
  });

  test('the first reader scales with the writer, later ones by themselves', () => {
    const instances = template({ readers: 2 }).findResources('AWS::RDS::DBInstance');
    const tiers = Object.entries(instances).map(([id, { Properties }]) => [
      id.replace(/.*(Writer|Reader\d).*/, '$1'),
      Properties.PromotionTier,
    ]);
    expect(Object.fromEntries(tiers)).toEqual({ Writer: 0, Reader1: 1, Reader2: 2 });
  });

  test('the second reader is kept for reports, behind its own endpoint, and takes over last', () => {
    const stack = testStack();
    const network = vpc(stack);
    const database = new AuroraDatabase(stack, 'Database', { vpc: network, readers: 3, reportingReader: true });
    const found = Template.fromStack(stack).findResources('AWS::RDS::DBInstance');
    const id = Object.keys(found).find((one) => one.includes('Reader2'));
    expect(stack.resolve(database.reportingHost)).toEqual({ 'Fn::GetAtt': [id, 'Endpoint.Address'] });
    const tiers = Object.entries(found).map(([one, { Properties }]) => [
      one.replace(/.*(Writer|Reader\d).*/, '$1'),
      Properties.PromotionTier,
    ]);
    expect(Object.fromEntries(tiers)).toEqual({ Writer: 0, Reader1: 1, Reader2: 15, Reader3: 2 });
    const without = new AuroraDatabase(stack, 'Other', { vpc: network, readers: 2 });
    expect(without.reportingHost).toBe(without.readerHost);
  });

  test('a reader kept for reports needs another beside it', () => {
    expect(() => database({ readers: 1, reportingReader: true })).toThrow(
      new Error(
        'reportingReader needs readers of 2 or more, got 1: raise readers (the first takes over from the writer, the second reports)',
      ),
    );
  });

  test('keeping a reader for reports, the Data API, or neither again replaces, adds and loses nothing', () => {
    const plain = () => database({ readers: 2 });
    const changed = () => database({ readers: 2, reportingReader: true, dataApi: true });
    expect([...losses(plain(), changed()), ...losses(changed(), plain())]).toEqual([]);
    expect([...additions(plain(), changed()), ...additions(changed(), plain())]).toEqual([]);
    Template.fromStack(changed()).hasResourceProperties('AWS::RDS::DBCluster', { EnableHttpEndpoint: true });
    Template.fromStack(plain()).hasResourceProperties('AWS::RDS::DBCluster', { EnableHttpEndpoint: Match.absent() });
  });

  test('connections open the port to whom they are told', () => {
    const stack = testStack();
    const network = vpc(stack);
    const app = new ec2.SecurityGroup(stack, 'App', { vpc: network, description: 'app' });
    new AuroraDatabase(stack, 'Database', { vpc: network }).connections.allowDefaultPortFrom(app);
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, ToPort: 5432 });
  });

  test('grantConnect allows an IAM login as one database user', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    new AuroraDatabase(stack, 'Database', { vpc: vpc(stack) }).grantConnect(role, 'reporting');
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 'rds-db:connect' })] },
    });
  });

  test('metrics are those of the cluster', () => {
    const stack = testStack();
    const db = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack) });
    expect(db.metricCpuUtilization().metricName).toBe('CPUUtilization');
    expect(db.metricDatabaseConnections().metricName).toBe('DatabaseConnections');
    expect(db.metricServerlessCapacity().metricName).toBe('ServerlessDatabaseCapacity');
    const lag = db.metricReplicaLag({ period: Duration.minutes(1) });
    expect([lag.metricName, lag.statistic, lag.period.toSeconds()]).toEqual(['AuroraReplicaLagMaximum', 'Maximum', 60]);
    expect(Object.keys(lag.dimensions!)).toEqual(['DBClusterIdentifier']);
  });

  test('a database that exists already offers the same', () => {
    const stack = testStack();
    const network = vpc(stack);
    const existing = AuroraDatabase.fromAttributes(stack, 'Database', {
      clusterIdentifier: 'old',
      clusterResourceIdentifier: 'cluster-OLD',
      securityGroup: new ec2.SecurityGroup(stack, 'Group', { vpc: network, description: 'old' }),
      writerHost: 'writer.example.com',
      databaseName: 'shop',
      engineVersion: rds.AuroraPostgresEngineVersion.VER_16_13,
      secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'old'),
    });
    expect([existing.readerHost, existing.port, existing.readers]).toEqual(['writer.example.com', 5432, 0]);
    expect(existing.cluster.clusterIdentifier).toBe('old');
    existing.grantConnect(new iam.User(stack, 'User'), 'app').assertSuccess();
    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBCluster', 0);
  });

  test('private subnets serve where there is no isolated one, and given ones always', () => {
    const stack = testStack();
    const network = new ec2.Vpc(stack, 'Network', { maxAzs: 2 });
    new AuroraDatabase(stack, 'Private', { vpc: network });
    new AuroraDatabase(stack, 'Given', { vpc: network, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
    const groups = Object.values(Template.fromStack(stack).findResources('AWS::RDS::DBSubnetGroup'));
    expect(groups.map(({ Properties }) => JSON.stringify(Properties.SubnetIds).match(/Private|Public/)?.[0]).sort()).toEqual([
      'Private',
      'Public',
    ]);
  });

  test('it synthesizes without a concrete environment, twice in one stack', () => {
    const stack = agnosticStack();
    const network = vpc(stack);
    new AuroraDatabase(stack, 'One', { vpc: network });
    new AuroraDatabase(stack, 'Two', { vpc: network, readers: 1 });
    Template.fromStack(stack).resourceCountIs('AWS::RDS::DBCluster', 2);
  });
});

describe('refusals', () => {
  const cases: [Partial<AuroraDatabaseProps>, string][] = [
    [{ readers: 16 }, 'readers must be a whole number from 0 to 15, got 16: lower it (Aurora allows 15 readers a cluster)'],
    [{ readers: -1 }, 'readers must be a whole number from 0 to 15, got -1: give a whole number, 0 at least'],
    [{ readers: 1.5 }, 'readers must be a whole number from 0 to 15, got 1.5: give a whole number, 0 at least'],
    [
      { databaseName: '1shop' },
      "databaseName must be 1 to 63 letters, digits and underscores and not start with a digit, got '1shop': rename it",
    ],
    [
      { backupRetention: Duration.days(36) },
      'backupRetention must be 1 to 35 whole days, got 36 days: choose a whole number in that range',
    ],
    [
      { backupRetention: Duration.hours(36) },
      'backupRetention must be 1 to 35 whole days, got 1.5 days: choose a whole number in that range',
    ],
    [
      { backupRetention: Duration.days(0) },
      'backupRetention must be 1 to 35 whole days, got 0 days: choose a whole number in that range',
    ],
    [
      { credentialReplicaRegions: ['us-east-1'] },
      "credentialReplicaRegions must not hold the stack's own Region, got 'us-east-1': the original is there already",
    ],
    [
      { credentialReplicaRegions: ['eu-west-1', 'eu-west-1'] },
      "credentialReplicaRegions must name each Region once, got 'eu-west-1' twice: remove one",
    ],
    [
      { credentialReplicaRegions: ['Ireland'] },
      "credentialReplicaRegions must hold Region names, got 'Ireland': write it as in us-west-2",
    ],
  ];
  for (const [props, message] of cases) {
    test(message, () => {
      expect(() => database(props)).toThrow(new Error(message));
    });
  }

  test('a VPC with one subnet', () => {
    const stack = testStack();
    const network = new ec2.Vpc(stack, 'Network', { maxAzs: 1 });
    expect(() => new AuroraDatabase(stack, 'Database', { vpc: network })).toThrow(
      new Error('vpcSubnets must select at least 2 subnets, got 1: choose subnets in two availability zones'),
    );
  });
});

describe('policy', () => {
  test('AwsSolutions has no open finding', () => {
    expect(nagFindings(database({ readers: 2 })).filter((finding) => finding.includes('/Database'))).toEqual([]);
  });

  test('the pack is at work: without the acknowledgement, rotation is missed', () => {
    const stack = testStack();
    new secretsmanager.Secret(stack, 'Secret');
    expect(nagFindings(stack)).toContainEqual(expect.stringContaining('SMG4'));
  });
});
