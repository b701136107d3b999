import { App, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { LoadBalancer, type LoadBalancerProps } from '../../../lib/blocks/compute/load-balancer';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { acknowledgedIds, everyPack } from '../every-pack';
import { CLEAN, policy, service } from './service-fixture';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const TARGETS = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const RULES = ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'];

/** A load balancer with nothing behind it. */
function bare(stack: Stack, props: Partial<LoadBalancerProps> & Pick<LoadBalancerProps, 'vpc'>): LoadBalancer {
  const logBucket = new LogBucket(stack, 'Logs');
  // As in a product; without another bucket that logs there, AwsSolutions does not see what the log bucket is.
  new AssetBucket(stack, 'Assets', { accessLogBucket: logBucket.bucket });
  return new LoadBalancer(stack, 'LoadBalancer', { logBucket, ...props });
}

function certificate(stack: Stack): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/1`);
}

/** A load balancer with a service behind it. */
function balancer(stack: Stack, props: Partial<LoadBalancerProps> = {}): LoadBalancer {
  const made = service(stack);
  const front = bare(stack, { vpc: made.service.cluster.vpc, ...props });
  front.route('Core', { service: made, healthCheckPath: '/health' });
  return front;
}

const inRegion = (region: string) => testStack({ env: { account: ACCOUNT, region } });

/** Rules between security groups that EC2 would see as one and refuse the second time. */
function duplicateRules(template: Template): string[] {
  const seen = new Set<string>();
  return RULES.flatMap((type) => Object.values(template.findResources(type)).map((rule) => ({ type, ...rule.Properties })))
    .map(({ Description: _, ...rule }) => JSON.stringify(rule))
    .filter((rule) => seen.size === seen.add(rule).size);
}

describe('a load balancer', () => {
  test('faces the internet from the public subnets, for life', () => {
    const stack = testStack();
    balancer(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internet-facing',
      Name: Match.absent(),
      Subnets: ['subnet-public-0123456789abcdefa', 'subnet-public-0123456789abcdefb'],
    });
  });

  test('can be shifted away from a zone', () => {
    const stack = testStack();
    balancer(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'zonal_shift.config.enabled', Value: 'true' }]),
    });
  });

  test('stands in the subnets given', () => {
    const stack = testStack();
    balancer(stack, { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC, availabilityZones: ['us-east-1a'] } });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Subnets: ['subnet-public-0123456789abcdefa'],
    });
  });

  test('is protected from deletion, drops bad headers and logs who came', () => {
    const stack = testStack();
    balancer(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      LoadBalancerAttributes: Match.arrayWith([
        { Key: 'deletion_protection.enabled', Value: 'true' },
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'access_logs.s3.bucket', Value: { Ref: Match.stringLikeRegexp('^LogsBucket') } },
        { Key: 'access_logs.s3.prefix', Value: 'load-balancer' },
      ]),
    });
  });

  test.each([
    ['with', testStack],
    ['without', agnosticStack],
  ])('logs only once the bucket lets it, in a stack %s an environment', (_, make) => {
    const stack = make();
    balancer(stack);
    const template = Template.fromStack(stack);
    const [bucketPolicy] = Object.keys(template.findResources('AWS::S3::BucketPolicy'));
    template.hasResource('AWS::ElasticLoadBalancingV2::LoadBalancer', { DependsOn: Match.arrayWith([bucketPolicy]) });
  });

  test('without a certificate speaks HTTP', () => {
    const stack = testStack();
    const { https, connections } = balancer(stack);
    expect([https, String(connections.defaultPort)]).toEqual([false, '80']);
    Template.fromStack(stack).hasResourceProperties(LISTENER, {
      Port: 80,
      Protocol: 'HTTP',
      Certificates: Match.absent(),
      SslPolicy: Match.absent(),
    });
  });

  test('without a certificate says why to every pack but about the firewall, and with one has nothing to say', () => {
    const others = (front: LoadBalancer) => everyPack(front).open.filter((finding) => !finding.includes('ALBWAFEnabled'));
    const plain = balancer(testStack());
    expect(others(plain)).toEqual([]);
    expect(everyPack(plain).unused).toEqual([]);
    expect(acknowledgedIds(plain.listener)).toEqual(expect.arrayContaining(['Checkov::CKV_AWS_103', 'Checkov::CKV_AWS_2']));
    const stack = testStack();
    const secure = balancer(stack, { certificate: certificate(stack) });
    expect(others(secure)).toEqual([]);
    expect(acknowledgedIds(secure)).toEqual([]);
  });

  test('with a certificate speaks HTTPS of TLS 1.2 and later', () => {
    const stack = testStack();
    const { https, connections } = balancer(stack, { certificate: certificate(stack) });
    expect([https, String(connections.defaultPort)]).toEqual([true, '443']);
    Template.fromStack(stack).hasResourceProperties(LISTENER, {
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/1` }],
      SslPolicy: Match.stringLikeRegexp('^ELBSecurityPolicy-TLS13-1-2'),
    });
  });

  test.each([
    ['us-east-1', 'pl-3b927c52'],
    ['eu-central-1', 'pl-a3a144ca'],
  ])('in %s lets CloudFront in and nobody else', (region, prefixList) => {
    const stack = inRegion(region);
    balancer(stack);
    const template = Template.fromStack(stack);
    const own = { 'Fn::GetAtt': [Match.stringLikeRegexp('^LoadBalancerSecurityGroup'), 'GroupId'] };
    template.resourcePropertiesCountIs('AWS::EC2::SecurityGroupIngress', { GroupId: own }, 1);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      SourcePrefixListId: prefixList,
      FromPort: 80,
      ToPort: 80,
      Description: 'CloudFront',
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
  });

  test.each([
    ['whose prefix list nobody knows', () => inRegion('mx-central-1')],
    ['that is not known', agnosticStack],
  ])('in a Region %s is open on its one port, and says why', (_, make) => {
    const stack = make();
    balancer(stack, { certificate: certificate(stack) });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })],
    });
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('sends everything to a service without paths', () => {
    const stack = testStack();
    balancer(stack);
    const template = Template.fromStack(stack);
    const forward = { Type: 'forward', TargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCore') } };
    template.hasResourceProperties(LISTENER, { DefaultActions: [forward] });
    template.hasResourceProperties(TARGETS, {
      Port: 3000,
      Protocol: 'HTTP',
      TargetType: 'ip',
      Name: Match.absent(),
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 15,
      HealthyThresholdCount: 2,
      TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }]),
    });
    template.hasResourceProperties('AWS::ECS::Service', {
      HealthCheckGracePeriodSeconds: 60,
      LoadBalancers: [
        { ContainerName: 'app', ContainerPort: 3000, TargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCore') } },
      ],
    });
  });

  test('starts a service only when the listener sends to it', () => {
    const stack = testStack();
    balancer(stack);
    const template = Template.fromStack(stack);
    const [listener] = Object.keys(template.findResources(LISTENER));
    template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([listener]) });
  });

  test('sends some paths to a service of their own', () => {
    const stack = testStack();
    const made = service(stack);
    const front = bare(stack, { vpc: made.service.cluster.vpc });
    front.route('Core', { service: made, healthCheckPath: '/' });
    front.route('Auth', { service: made, healthCheckPath: '/', pathPatterns: ['/auth/*', '/login'], priority: 7 });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      Priority: 7,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/auth/*', '/login'] } }],
      Actions: [Match.objectLike({ Type: 'forward' })],
    });
    template.hasResourceProperties(LISTENER, {
      DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: Match.stringLikeRegexp('^LoadBalancerCore') } }],
    });
  });

  test('keeps a service in every route that it was given', () => {
    const stack = testStack();
    const made = service(stack);
    const front = bare(stack, { vpc: made.service.cluster.vpc });
    front.route('Core', { service: made, healthCheckPath: '/' });
    front.route('Api', { service: made, healthCheckPath: '/', pathPatterns: ['/api/*'], priority: 1 });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: ['Core', 'Api'].map((id) =>
        Match.objectLike({ TargetGroupArn: { Ref: Match.stringLikeRegexp(`^LoadBalancer${id}`) } }),
      ),
    });
  });

  test('opens the way to a service and back on its port, each rule once', () => {
    const stack = testStack();
    balancer(stack);
    const template = Template.fromStack(stack);
    const [tasks, own] = ['^ServiceSecurityGroup', '^LoadBalancerSecurityGroup'].map((start) => ({
      'Fn::GetAtt': [Match.stringLikeRegexp(start), 'GroupId'],
    }));
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: tasks,
      SourceSecurityGroupId: own,
      FromPort: 3000,
      ToPort: 3000,
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      GroupId: own,
      DestinationSecurityGroupId: tasks,
      FromPort: 3000,
      ToPort: 3000,
    });
    expect(duplicateRules(template)).toEqual([]);
  });

  test('names nothing after the stage of deployment that the stack is put under', () => {
    const resources = (stage: string) => {
      const stack = new Stack(new Stage(new App(), stage), 'Shop', {
        env: { account: ACCOUNT, region: 'us-east-1' },
        stackName: 'Shop',
      });
      balancer(stack);
      return Template.fromStack(stack).toJSON().Resources;
    };
    expect(resources('stage2')).toEqual(resources('stage3'));
  });

  test('goes from HTTP to HTTPS without being replaced', () => {
    const before = (stack: Stack) => balancer(stack);
    const after = (stack: Stack) => balancer(stack, { certificate: certificate(stack) });
    expect(losses(before, after).filter((loss) => !loss.startsWith('AWS::EC2::SecurityGroupIngress'))).toEqual([]);
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    const types = ['AWS::ElasticLoadBalancingV2::LoadBalancer', LISTENER, TARGETS, 'AWS::EC2::SecurityGroup'];
    expect(flagDependent((stack) => balancer(stack), ...types)).toEqual([]);
  });

  test('tells how long its targets took', () => {
    const metric = balancer(testStack()).metricTargetResponseTime({ statistic: 'p99' });
    expect([metric.namespace, metric.metricName, metric.statistic]).toEqual(['AWS/ApplicationELB', 'TargetResponseTime', 'p99']);
  });

  test('passes AwsSolutions', () => {
    const stack = testStack();
    balancer(stack);
    expect(policy(stack)).toEqual(CLEAN);
  });
});

describe('a route fails', () => {
  test('to take the paths that nobody takes, where every route has paths', () => {
    const stack = testStack();
    const made = service(stack);
    const front = bare(stack, { vpc: made.service.cluster.vpc });
    front.route('Auth', { service: made, healthCheckPath: '/', pathPatterns: ['/auth/*'], priority: 1 });
    expect(() => Template.fromStack(stack)).toThrow('Listener needs at least one default action');
  });

  test('to a service without a port', () => {
    const stack = testStack();
    const worker = service(stack, { port: undefined });
    const front = bare(stack, { vpc: worker.service.cluster.vpc });
    expect(() => front.route('Core', { service: worker, healthCheckPath: '/' })).toThrow(
      new Error("service of route 'Core' listens on no port: give it one"),
    );
  });

  test('with paths and no priority', () => {
    const stack = testStack();
    const made = service(stack);
    const front = bare(stack, { vpc: made.service.cluster.vpc });
    expect(() => front.route('Auth', { service: made, healthCheckPath: '/', pathPatterns: ['/auth/*'] })).toThrow(
      new Error("priority must be given for route 'Auth', which has pathPatterns: 1 is asked first"),
    );
  });
});
