import { App, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { ReaderScaling, type ReaderScalingProps } from '../../../lib/blocks/data/reader-scaling';
import { testStack } from '../../stacks';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';
import { additions, FLAGS, losses } from './kept';
import { vpc } from './vpc';

function scaled(props: Partial<ReaderScalingProps> | null = {}, readers = 2, stack = testStack()): Stack {
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), readers });
  if (props) new ReaderScaling(stack, 'Readers', { database, ...props });
  return stack;
}

test('two more readers than the template has, by the processor use of all readers, slow to take them away', () => {
  const template = Template.fromStack(scaled());
  template.hasResource('AWS::ApplicationAutoScaling::ScalableTarget', {
    // It counts what is there when it is registered.
    DependsOn: [1, 2, 0].map((number) => Match.stringLikeRegexp(number ? `Reader${number}` : 'Writer')),
    Properties: {
      ServiceNamespace: 'rds',
      ScalableDimension: 'rds:cluster:ReadReplicaCount',
      ResourceId: { 'Fn::Join': ['', ['cluster:', { Ref: Match.stringLikeRegexp('DatabaseCluster') }]] },
      MinCapacity: 2,
      MaxCapacity: 4,
      RoleARN: {
        'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('AWSServiceRoleForApplicationAutoScaling_RDSCluster')])],
      },
    },
  });
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: 'RDSReaderAverageCPUUtilization' },
      TargetValue: 70,
      ScaleOutCooldown: 300,
      ScaleInCooldown: 1800,
    },
  });
});

test('no more than the fifteen of a cluster', () => {
  Template.fromStack(scaled({}, 14)).hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MaxCapacity: 15 });
  Template.fromStack(scaled({ most: 7, targetCpuUtilization: 50 })).hasResourceProperties(
    'AWS::ApplicationAutoScaling::ScalableTarget',
    { MaxCapacity: 7 },
  );
});

test.each<[Partial<ReaderScalingProps>, number, string]>([
  [{}, 0, 'database must have a reader to scale its readers, got none: give it readers of 1 or more'],
  [{ most: 1 }, 2, 'most must be a whole number from 2, the readers of the database, to 15, got 1: choose one in that range'],
  [{ most: 16 }, 2, 'most must be a whole number from 2, the readers of the database, to 15, got 16: choose one in that range'],
  [{ most: 2.5 }, 2, 'most must be a whole number from 2, the readers of the database, to 15, got 2.5: choose one in that range'],
  [{ targetCpuUtilization: 95 }, 2, 'targetCpuUtilization must be 10 to 90 percent, got 95: choose one in that range'],
])('refuses %p with %d readers', (props, readers, message) => {
  expect(() => scaled(props, readers)).toThrow(new Error(message));
});

test('scaling only adds, goes without a trace, and nothing depends on flags or on where the stack stands', () => {
  const before = scaled(null);
  expect(losses(before, scaled())).toEqual([]);
  expect(additions(before, scaled())).toHaveLength(2);
  expect(losses(scaled({}, 2), scaled({}, 3))).toEqual([]);
  expect(losses(scaled(), scaled({}, 2, testStack({ context: FLAGS })))).toEqual([]);
  const names = [new App(), new Stage(new App(), 'Production')].map((scope) => {
    const { Properties } = Object.values(
      Template.fromStack(scaled({}, 2, new Stack(scope, 'Shop'))).findResources('AWS::ApplicationAutoScaling::ScalingPolicy'),
    )[0];
    return Properties.PolicyName;
  });
  expect(names[0]).toBe(names[1]);
});

test('no pack finds anything', () => {
  const stack = scaled();
  expect(nagFindings(stack).filter((finding) => finding.includes('Readers'))).toEqual([]);
  expect(everyPack(stack.node.findChild('Readers'))).toEqual({ open: [], unused: [] });
});
