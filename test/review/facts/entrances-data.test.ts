import { att, ref, resource, retained } from '../../promotion/templates';
import { ANYWHERE, group } from './balanced';
import { entrances } from './in-words';

const ALLOW_ALL = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' };
const BLOCKED = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true };
const UNBLOCKED = { BlockPublicAcls: false, BlockPublicPolicy: false, IgnorePublicAcls: false, RestrictPublicBuckets: false };

describe('buckets as entrances', () => {
  const bucket = (properties: Record<string, unknown> = {}, ...statements: Record<string, unknown>[]) => ({
    Files: retained('AWS::S3::Bucket', properties),
    Policy: resource('AWS::S3::BucketPolicy', { Bucket: ref('Files'), PolicyDocument: { Statement: statements } }),
  });

  test('are open by their policy where nothing blocks it', () => {
    expect(entrances(bucket({ PublicAccessBlockConfiguration: UNBLOCKED }, ALLOW_ALL))).toEqual([
      'bucket, from anyone, tcp 443, tcp 80: s3:GetObject: Files',
    ]);
    expect(
      entrances(bucket({ PublicAccessBlockConfiguration: { BlockPublicAcls: true }, WebsiteConfiguration: {} }, ALLOW_ALL)),
    ).toEqual(['bucket as a website, from anyone, tcp 80, tcp 443: s3:GetObject: Files']);
  });

  test('are listed with what stands against it where only a default blocks it', () => {
    expect(entrances(bucket({}, ALLOW_ALL))).toEqual([
      'bucket, from anyone, if Block Public Access is lifted, tcp 443, tcp 80: s3:GetObject: Files [Block Public Access, which is on unless the template or the account says otherwise]',
    ]);
    expect(entrances(bucket({ PublicAccessBlockConfiguration: BLOCKED }, ALLOW_ALL))).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['CloudFront', { Principal: { Service: 'cloudfront.amazonaws.com' } }, []],
    ['an account', { Principal: { AWS: 'arn:aws:iam::222222222222:root' } }, []],
    ['a distribution', { Condition: { StringEquals: { 'aws:SourceArn': 'arn' } } }, []],
    ['an organization', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }, []],
    ['a VPC', { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }, []],
    ['addresses', { Condition: { IpAddress: { 'aws:SourceIp': ['198.51.100.0/24'] } } }, ['addresses 198.51.100.0/24']],
    [
      'an address that only a deploy knows',
      { Condition: { IpAddress: { 'aws:SourceIp': ref('Office') } } },
      ['addresses that only a deploy knows'],
    ],
    ['every address', { Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }, ['anyone']],
    ['whoever leaves the key out', { Condition: { StringEqualsIfExists: { 'aws:SourceArn': 'arn' } } }, ['anyone']],
    ['all but one account', { Condition: { StringNotEquals: { 'aws:PrincipalAccount': '1' } } }, ['anyone']],
    ['every account', { Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }, ['anyone']],
    ['a referrer, which anybody can claim', { Condition: { StringLike: { 'aws:Referer': 'https://x' } } }, ['anyone']],
    ['all but somebody', { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::1:root' } }, ['anyone']],
  ])('whose policy lets in %s', (_, more, expected) => {
    const found = entrances(bucket({ PublicAccessBlockConfiguration: UNBLOCKED }, { ...ALLOW_ALL, ...more }));
    expect(found.map((line) => /from (.*), tcp 443/.exec(line)?.[1])).toEqual(expected);
  });

  test('tell what else the policy denies', () => {
    const deny = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: '*',
      Condition: { NotIpAddress: { 'aws:SourceIp': '198.51.100.0/24' } },
    };
    const tls = { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    expect(entrances(bucket({ PublicAccessBlockConfiguration: UNBLOCKED }, ALLOW_ALL, deny, tls))).toEqual([
      'bucket, from anyone, tcp 443, tcp 80: s3:GetObject: Files [denials by aws:SourceIp]',
    ]);
  });

  test('are open by their access control list', () => {
    expect(
      entrances({
        Files: retained('AWS::S3::Bucket', { AccessControl: 'PublicRead', PublicAccessBlockConfiguration: UNBLOCKED }),
      }),
    ).toEqual(['bucket, from anyone, tcp 443, tcp 80: access control list PublicRead: Files']);
    expect(
      entrances({
        Files: retained('AWS::S3::Bucket', { AccessControl: 'AuthenticatedRead', PublicAccessBlockConfiguration: BLOCKED }),
      }),
    ).toEqual([]);
  });
});

describe('databases and brokers as entrances', () => {
  const guarded = (properties: Record<string, unknown>, rule: Record<string, unknown> = ANYWHERE) => ({
    Guard: group(rule),
    Rows: retained('AWS::RDS::DBInstance', { VPCSecurityGroups: [att('Guard', 'GroupId')], Port: '5432', ...properties }),
  });

  test('are open where they are public and their security groups are', () => {
    expect(entrances(guarded({ PubliclyAccessible: true }))).toEqual(['database, from anyone, tcp 5432: Rows']);
    expect(entrances(guarded({ PubliclyAccessible: true }, { ...ANYWHERE, CidrIp: '10.0.0.0/8' }))).toEqual([
      'database, from nobody: its security groups let in no address of the internet, tcp 5432: Rows',
    ]);
    expect(entrances(guarded({ PubliclyAccessible: false }))).toEqual([]);
    expect(entrances(guarded({ PubliclyAccessible: ref('Public') }))).toEqual([
      'database, from anyone, if a deploy makes it public, tcp 5432: Rows',
    ]);
  });

  test('go by their subnets where nothing is said', () => {
    const subnets = (gateway: Record<string, unknown>) => ({
      Subnets: resource('AWS::RDS::DBSubnetGroup', { SubnetIds: [ref('Subnet')] }),
      Subnet: resource('AWS::EC2::Subnet'),
      Table: resource('AWS::EC2::RouteTable'),
      Association: resource('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: ref('Subnet'), RouteTableId: ref('Table') }),
      Route: resource('AWS::EC2::Route', { RouteTableId: ref('Table'), ...gateway }),
    });
    const rows = guarded({ DBSubnetGroupName: ref('Subnets') });
    expect(entrances({ ...rows, ...subnets({ GatewayId: ref('Gateway') }) })).toEqual([
      'database, from anyone, if its subnets are public, which it goes by, tcp 5432: Rows',
    ]);
    expect(entrances({ ...rows, ...subnets({ NatGatewayId: ref('Nat') }) })).toEqual([]);
    const closed = guarded({ DBSubnetGroupName: ref('Subnets') }, { ...ANYWHERE, CidrIp: '10.0.0.0/8' });
    expect(entrances({ ...closed, ...subnets({ GatewayId: ref('Gateway') }) })).toEqual([]);
    const told = guarded({ DBSubnetGroupName: ref('Subnets'), PubliclyAccessible: true });
    expect(entrances({ ...told, ...subnets({ NatGatewayId: ref('Nat') }) })).toEqual([
      'database, from anyone, tcp 5432: Rows [its subnets have no route to an internet gateway]',
    ]);
  });

  test('take the security groups of their cluster', () => {
    expect(
      entrances({
        Guard: group(ANYWHERE),
        Rows: retained('AWS::RDS::DBCluster', { VpcSecurityGroupIds: [att('Guard', 'GroupId')], Port: 3306 }),
        Writer: resource('AWS::RDS::DBInstance', { DBClusterIdentifier: ref('Rows'), PubliclyAccessible: true }),
      }),
    ).toEqual(['database, from anyone, tcp 3306: Writer']);
  });

  test('are found by the property whatever their type', () => {
    expect(entrances({ It: resource('AWS::New::Thing', { PubliclyAccessible: true }) })).toEqual([
      'New, from whoever the default security group of its VPC lets in, its own port: It',
    ]);
    expect(entrances({ Broker: resource('AWS::AmazonMQ::Broker', { PubliclyAccessible: true }) })).toEqual([
      'message broker, from anyone, its own port: Broker',
    ]);
    expect(entrances({ Copier: resource('AWS::DMS::ReplicationInstance', {}) })).toHaveLength(1);
    expect(entrances({ Copier: resource('AWS::DMS::ReplicationInstance', { PubliclyAccessible: false }) })).toEqual([]);
    expect(entrances({ Warehouse: resource('AWS::RedshiftServerless::Workgroup', {}) })).toEqual([]);
  });

  test('are search domains outside of a VPC, open or signed', () => {
    const domain = (Principal: unknown, more: Record<string, unknown> = {}) => ({
      Search: retained('AWS::OpenSearchService::Domain', {
        AccessPolicies: { Statement: [{ ...ALLOW_ALL, Principal }] },
        ...more,
      }),
    });
    expect(entrances(domain('*'))).toEqual(['search, from anyone, tcp 80, tcp 443: Search']);
    expect(
      entrances(
        domain(
          { AWS: 'arn:aws:iam::111111111111:role/x' },
          { DomainEndpointOptions: { EnforceHTTPS: true }, AdvancedSecurityOptions: { Enabled: true } },
        ),
      ),
    ).toEqual(['search, from AWS callers whom its policy names, tcp 443: Search [sign-in by its users; HTTPS only]']);
    expect(entrances(domain('*', { VPCOptions: { SubnetIds: ['s'] } }))).toEqual([]);
  });

  test('are serverless collections that a network policy opens', () => {
    const policy = (rules: unknown) =>
      resource('AWS::OpenSearchServerless::SecurityPolicy', { Type: 'network', Policy: JSON.stringify(rules) });
    const collection = retained('AWS::OpenSearchServerless::Collection', { Name: 'docs-shop' });
    const rule = (open: boolean) => [
      { AllowFromPublic: open, Rules: [{ ResourceType: 'collection', Resource: ['collection/docs*'] }] },
    ];
    expect(entrances({ Policy: policy(rule(true)), Docs: collection })).toEqual([
      'search, from anyone, tcp 443: Docs [signed requests; data access policies]',
    ]);
    expect(entrances({ Policy: policy(rule(false)), Docs: collection })).toEqual([]);
  });

  test('are Kafka clusters with public brokers', () => {
    const cluster = (Type: string) =>
      retained('AWS::MSK::Cluster', {
        BrokerNodeGroupInfo: { SecurityGroups: [att('Guard', 'GroupId')], ConnectivityInfo: { PublicAccess: { Type } } },
      });
    expect(entrances({ Guard: group(ANYWHERE), Stream: cluster('SERVICE_PROVIDED_EIPS') })).toEqual([
      'event stream, from anyone, tcp 9194-9198: Stream [sign-in by its clients]',
    ]);
    expect(entrances({ Guard: group(ANYWHERE), Stream: cluster('DISABLED') })).toEqual([]);
  });
});

describe('policies as entrances', () => {
  const open = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sqs:SendMessage', Resource: '*' };

  test('are queues, topics and the like that strangers may use through the AWS API', () => {
    expect(
      entrances({
        Jobs: retained('AWS::SQS::Queue'),
        JobsPolicy: resource('AWS::SQS::QueuePolicy', { Queues: [ref('Jobs')], PolicyDocument: { Statement: [open] } }),
        Events: retained('AWS::SNS::Topic'),
        EventsPolicy: resource('AWS::SNS::TopicPolicy', {
          Topics: [ref('Events')],
          PolicyDocument: { Statement: [{ ...open, Action: ['sns:Publish', 'sns:Subscribe'] }] },
        }),
        Key: retained('AWS::KMS::Key', { KeyPolicy: { Statement: [{ ...open, Action: 'kms:*' }] } }),
        Bus: resource('AWS::Events::EventBus'),
        BusPolicy: resource('AWS::Events::EventBusPolicy', {
          EventBusName: ref('Bus'),
          Principal: '*',
          Action: 'events:PutEvents',
        }),
        Handler: resource('AWS::Lambda::Function'),
        Permission: resource('AWS::Lambda::Permission', {
          FunctionName: ref('Handler'),
          Principal: '*',
          Action: 'lambda:InvokeFunction',
        }),
      }),
    ).toEqual([
      'queue, from anyone, AWS API: sqs:SendMessage: Jobs',
      'topic, from anyone, AWS API: sns:Publish, sns:Subscribe: Events',
      'key, from anyone, AWS API: kms:*: Key',
      'event bus, from anyone, AWS API: events:PutEvents: Bus',
      'function, from anyone, AWS API: lambda:InvokeFunction: Handler',
    ]);
  });

  test('do not count where a condition names who may come, or where they deny', () => {
    const named = { ...open, Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:us-east-1:1:x' } } };
    const denied = { ...open, Effect: 'Deny' };
    expect(
      entrances({
        Jobs: retained('AWS::SQS::Queue'),
        JobsPolicy: resource('AWS::SQS::QueuePolicy', { Queues: [ref('Jobs')], PolicyDocument: { Statement: [named, denied] } }),
      }),
    ).toEqual([]);
  });
});
