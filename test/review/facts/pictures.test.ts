import type { Assembly } from '../../../lib/assembly/cloud-assembly';
import { picturesOf } from '../../../lib/review/facts/pictures';
import { placesOf } from '../../../lib/review/places/places';
import type { Picture } from '../../../lib/review/review';
import { assembly, att, ref, resource, retained, stack, stackOutput } from '../../promotion/templates';
import { type Resources, shopOf } from './in-words';

function drawn(whole: Assembly): Picture[] {
  return picturesOf(whole, placesOf(whole));
}

/** `layer: label (kind; detail)` */
function boxes({ nodes }: Picture): string[] {
  return nodes.map(({ layer, label, kind, detail }) => `${layer}: ${label} (${[kind, detail].filter(Boolean).join('; ')})`);
}

function arrows({ nodes, edges }: Picture): string[] {
  const label = new Map(nodes.map((node) => [node.id, node.label]));
  return edges.map((edge) => `${label.get(edge.from)} > ${label.get(edge.to)}${edge.label ? ` (${edge.label})` : ''}`);
}

function pictureOf(resources: Resources): Picture {
  const [picture] = drawn(shopOf(resources));
  return picture;
}

const web: Resources = {
  Site: resource('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Aliases: ['shop.example.com'],
      DefaultCacheBehavior: { TargetOriginId: 'a', ViewerProtocolPolicy: 'https-only' },
      Origins: [{ Id: 'a', DomainName: att('Balancer', 'DNSName'), CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } }],
      WebACLId: att('Acl', 'Arn'),
    },
  }),
  Acl: resource('AWS::WAFv2::WebACL', { Rules: [{}, {}] }),
  Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internet-facing' }),
  Listener: resource('AWS::ElasticLoadBalancingV2::Listener', {
    LoadBalancerArn: ref('Balancer'),
    Port: 443,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
  }),
  Targets: resource('AWS::ElasticLoadBalancingV2::TargetGroup'),
  Web: resource('AWS::ECS::Service', { LoadBalancers: [{ TargetGroupArn: ref('Targets') }], TaskDefinition: ref('Task') }),
  Task: resource('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [
      {
        Environment: [{ Name: 'QUEUE', Value: ref('Jobs') }],
        Secrets: [{ Name: 'PASSWORD', ValueFrom: ref('Attachment') }],
        LogConfiguration: { Options: { bucket: ref('Logs') } },
      },
    ],
    TaskRoleArn: att('Role', 'Arn'),
  }),
  Role: resource('AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [] } }),
  Grant: resource('AWS::IAM::Policy', {
    Roles: [ref('Role')],
    PolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [att('Files', 'Arn'), '/*']] } }],
    },
  }),
  Count: resource('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 2,
    MaxCapacity: 5,
    ResourceId: { 'Fn::Join': ['', ['service/x/', att('Web', 'Name')]] },
  }),
  Jobs: retained('AWS::SQS::Queue', { RedrivePolicy: { deadLetterTargetArn: att('Dead', 'Arn'), maxReceiveCount: 3 } }),
  Dead: retained('AWS::SQS::Queue'),
  Attachment: resource('AWS::SecretsManager::SecretTargetAttachment', { SecretId: ref('Login'), TargetId: ref('Rows') }),
  Login: retained('AWS::SecretsManager::Secret'),
  Rows: retained('AWS::RDS::DBCluster', {
    Engine: 'aurora-postgresql',
    ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
  }),
  Writer: resource('AWS::RDS::DBInstance', { DBClusterIdentifier: ref('Rows') }),
  Reader: resource('AWS::RDS::DBInstance', { DBClusterIdentifier: ref('Rows') }),
  Files: retained('AWS::S3::Bucket', {
    VersioningConfiguration: { Status: 'Enabled' },
    LoggingConfiguration: { DestinationBucketName: ref('Logs') },
  }),
  Logs: retained('AWS::S3::Bucket'),
};

describe('a picture', () => {
  test('has a box for what runs and what keeps data, in layers', () => {
    expect(boxes(pictureOf(web))).toEqual([
      'edge: Site (CloudFront distribution; shop.example.com)',
      'edge: Acl (firewall; 2 rules)',
      'entry: Balancer (load balancer; internet-facing)',
      'compute: Web (container service; 2 to 5 tasks)',
      'messaging: Jobs (queue; dead letters after 3 tries)',
      'data: Rows (Aurora PostgreSQL database; 2 instances, 0.5 to 8 ACU)',
      'data: Files (bucket; versioned)',
      'data: Logs (bucket)',
    ]);
  });

  test('has arrows along requests, settings, secrets, grants and deliveries', () => {
    expect(arrows(pictureOf(web)).sort()).toEqual([
      'Acl > Site (guards)',
      'Balancer > Web',
      'Files > Logs (logs)',
      'Site > Balancer',
      'Web > Files',
      'Web > Jobs',
      'Web > Rows',
    ]);
  });

  test('has every end of an arrow among its boxes, and a place for each', () => {
    const { nodes, edges } = pictureOf(web);
    const ids = nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(edges.flatMap(({ from, to }) => [from, to]).filter((id) => !ids.includes(id))).toEqual([]);
    expect(nodes.every(({ place, id }) => place.logicalId === id)).toBe(true);
  });

  test('does not depend on the order in which a template stands', () => {
    const turned = Object.fromEntries(Object.entries(web).reverse());
    expect(arrows(pictureOf(turned)).sort()).toEqual(arrows(pictureOf(web)).sort());
  });

  test('draws functions with what feeds and what they reach, and leaves out how the CDK deploys', () => {
    const picture = pictureOf({
      Table: retained('AWS::DynamoDB::Table'),
      Handler: resource('AWS::Lambda::Function', { Runtime: 'python3.13', Environment: { Variables: { TABLE: ref('Table') } } }),
      Source: resource('AWS::Lambda::EventSourceMapping', { EventSourceArn: att('Jobs', 'Arn'), FunctionName: ref('Handler') }),
      Jobs: retained('AWS::SQS::Queue'),
      Events: retained('AWS::SNS::Topic'),
      Subscription: resource('AWS::SNS::Subscription', { TopicArn: ref('Events'), Endpoint: att('Jobs', 'Arn') }),
      Bus: resource('AWS::Events::EventBus'),
      Rule: resource('AWS::Events::Rule', { EventBusName: ref('Bus'), Targets: [{ Arn: att('Handler', 'Arn') }] }),
      Alarms: retained('AWS::SNS::Topic'),
      Alarm: resource('AWS::CloudWatch::Alarm', { AlarmActions: [ref('Alarms')] }),
    });
    const heard = pictureOf({
      Alarms: retained('AWS::SNS::Topic'),
      Alarm: resource('AWS::CloudWatch::Alarm', { AlarmActions: [ref('Alarms')] }),
      Pager: retained('AWS::SQS::Queue'),
      Subscription: resource('AWS::SNS::Subscription', { TopicArn: ref('Alarms'), Endpoint: att('Pager', 'Arn') }),
    });
    expect(arrows(heard)).toEqual(['Alarms > Pager (delivers)']);
    expect(boxes(picture)).toEqual([
      'compute: Handler (function; python3.13)',
      'messaging: Jobs (queue)',
      'messaging: Events (topic)',
      'messaging: Bus (event bus)',
      'data: Table (table)',
    ]);
    expect(arrows(picture).sort()).toEqual([
      'Bus > Handler (delivers)',
      'Events > Jobs (delivers)',
      'Handler > Table',
      'Jobs > Handler (feeds)',
    ]);
    const machinery = stack(
      'Tools',
      { Empty: resource('AWS::Lambda::Function') },
      { paths: { Empty: 'app/Tools/Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler' } },
    );
    expect(drawn(assembly(machinery))).toEqual([]);
  });

  test('draws an arrow where security groups let one another in', () => {
    const guard = () => resource('AWS::EC2::SecurityGroup');
    const picture = pictureOf({
      WebGuard: guard(),
      RowsGuard: guard(),
      Rule: resource('AWS::EC2::SecurityGroupIngress', {
        GroupId: att('RowsGuard', 'GroupId'),
        SourceSecurityGroupId: att('WebGuard', 'GroupId'),
      }),
      Template: resource('AWS::EC2::LaunchTemplate', {
        LaunchTemplateData: { InstanceType: 't4g.small', SecurityGroupIds: [att('WebGuard', 'GroupId')] },
      }),
      Fleet: resource('AWS::AutoScaling::AutoScalingGroup', {
        MinSize: '1',
        MaxSize: '3',
        LaunchTemplate: { LaunchTemplateId: ref('Template') },
      }),
      Rows: retained('AWS::RDS::DBInstance', {
        Engine: 'mysql',
        VPCSecurityGroups: [att('RowsGuard', 'GroupId')],
        MultiAZ: true,
      }),
    });
    expect(boxes(picture)).toEqual([
      'compute: Fleet (server group; 1 to 3 servers, t4g.small)',
      'data: Rows (MySQL database; with a standby)',
    ]);
    expect(arrows(picture)).toEqual(['Fleet > Rows']);
  });

  test('folds proxies, workgroups and copies into what they are of', () => {
    const picture = pictureOf({
      Rows: retained('AWS::RDS::DBCluster', { Engine: 'aurora-mysql' }),
      Proxy: resource('AWS::RDS::DBProxy'),
      Behind: resource('AWS::RDS::DBProxyTargetGroup', { DBProxyName: ref('Proxy'), DBClusterIdentifiers: [ref('Rows')] }),
      Handler: resource('AWS::Lambda::Function', { Environment: { Variables: { HOST: att('Proxy', 'Endpoint') } } }),
      Warehouse: retained('AWS::RedshiftServerless::Namespace'),
      Workgroup: resource('AWS::RedshiftServerless::Workgroup', {
        NamespaceName: ref('Warehouse'),
        BaseCapacity: 8,
        MaxCapacity: 32,
      }),
      Feed: resource('AWS::RDS::Integration', {
        SourceArn: att('Rows', 'DBClusterArn'),
        TargetArn: att('Warehouse', 'Namespace.NamespaceArn'),
      }),
    });
    expect(boxes(picture)).toEqual([
      'compute: Handler (function)',
      'data: Rows (Aurora MySQL database; behind a proxy)',
      'data: Warehouse (warehouse; 8 to 32 RPU)',
    ]);
    expect(arrows(picture).sort()).toEqual(['Handler > Rows', 'Rows > Warehouse (feeds (zero-ETL))']);
  });

  test('shows what stands in another stack of the Region at its rim, and tells of other Regions in words', () => {
    const data = stack('Data', { Table: retained('AWS::DynamoDB::Table') }, { outputs: { Table: { Value: ref('Table') } } });
    const app = (region: string) =>
      stack(
        `App-${region}`,
        {
          Handler: resource('AWS::Lambda::Function', {
            Environment: { Variables: { TABLE: stackOutput('Data', 'Table', 'us-east-1') } },
          }),
        },
        { region },
      );
    const [own, near, far] = drawn(assembly(data, app('us-east-1'), app('eu-west-1')));
    expect(boxes(near)).toEqual(['compute: Handler (function)', 'data: Table (table; in stack Data)']);
    expect(arrows(near)).toEqual(['Handler > Table']);
    expect(boxes(own)).toEqual(['compute: Handler (function; in stack App-us-east-1)', 'data: Table (table)']);
    expect(boxes(far)).toEqual(['compute: Handler (function; uses Table in us-east-1)']);
  });

  test('is not drawn of a stack that has nothing to draw', () => {
    expect(drawn(shopOf({ Role: resource('AWS::IAM::Role') }))).toEqual([]);
  });
});
