import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import {
  DatabasePasswordRotation,
  type DatabasePasswordRotationProps,
} from '../../../lib/blocks/data/database-password-rotation';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';
import { losses } from './kept';
import { vpc } from './vpc';

interface Parts {
  readonly rotates?: boolean;
  readonly services?: number;
  readonly rotation?: Partial<DatabasePasswordRotationProps> | false;
}

/** A database, services of their own cluster, and the rotation. */
function product({ rotates = true, services = 2, rotation = {} }: Parts = {}, stack = testStack()): Stack {
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), passwordRotates: rotates });
  const cluster = new ecs.Cluster(stack, 'Tasks', { vpc: database.node.scope!.node.findChild('Network') as never });
  const running = Array.from({ length: services }, (_, index) => {
    const taskDefinition = new ecs.FargateTaskDefinition(stack, `Task${index}`);
    taskDefinition.addContainer('app', { image: ecs.ContainerImage.fromRegistry('app') });
    return new ecs.FargateService(stack, `Service${index}`, {
      cluster,
      taskDefinition,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
    });
  });
  if (rotation) {
    const alarmTopic = new sns.Topic(stack, 'Topic');
    new DatabasePasswordRotation(stack, 'Rotation', { database, services: running, alarmTopic, ...rotation });
  }
  return stack;
}

const template = (parts?: Parts) => Template.fromStack(product(parts));

test('the secret of the database is rotated every month by a function, never by a deploy', () => {
  template().hasResource('AWS::SecretsManager::RotationSchedule', {
    Properties: {
      SecretId: { Ref: Match.stringLikeRegexp('^DatabaseSecret') },
      RotationLambdaARN: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RotationFunction'), 'Arn'] },
      RotationRules: { ScheduleExpression: 'cron(0 4 1 * ? *)', Duration: '3h' },
      RotateImmediatelyOnUpdate: false,
    },
    DependsOn: [Match.stringLikeRegexp('^RotationPermission')],
  });
});

test('another schedule is taken as it is', () => {
  template({ rotation: { schedule: 'rate(10 days)' } }).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    RotationRules: { ScheduleExpression: 'rate(10 days)', Duration: '3h' },
  });
});

test('the function stands readable in the template and knows the cluster and every service', () => {
  template().hasResource('AWS::Lambda::Function', {
    Properties: {
      Code: { ZipFile: Match.stringLikeRegexp('def handler\\(event') },
      Handler: 'index.handler',
      Runtime: 'python3.14',
      Timeout: 720,
      Environment: {
        Variables: {
          DATABASE_CLUSTER: { Ref: Match.stringLikeRegexp('^DatabaseCluster') },
          SERVICES: {
            'Fn::Join': [
              '',
              [
                '[["',
                { 'Fn::GetAtt': [Match.stringLikeRegexp('^Tasks'), 'Arn'] },
                '","',
                { Ref: Match.stringLikeRegexp('^Service0') },
                '"],["',
                { 'Fn::GetAtt': [Match.stringLikeRegexp('^Tasks'), 'Arn'] },
                '","',
                { Ref: Match.stringLikeRegexp('^Service1') },
                '"]]',
              ],
            ],
          },
        },
      },
      KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DatabaseKey'), 'Arn'] },
      LoggingConfig: { LogGroup: { Ref: Match.stringLikeRegexp('^RotationLogGroup') } },
      VpcConfig: Match.absent(),
    },
    DependsOn: [Match.stringLikeRegexp('^RotationPolicy')],
  });
});

test('the program fits into the 4,096 characters of the strictest reading of a template', () => {
  const [{ Properties }] = Object.values(template().findResources('AWS::Lambda::Function'));
  expect(Properties.Code.ZipFile.length).toBeLessThanOrEqual(4096);
});

test('its role is good for one secret, one cluster, the services and one log, by name', () => {
  const [{ Properties }] = Object.values(template().findResources('AWS::IAM::ManagedPolicy')).filter(({ Properties: policy }) =>
    policy.Description.startsWith('Changes the password'),
  );
  const statements: { Action: string | string[]; Resource: unknown; Condition?: unknown }[] = Properties.PolicyDocument.Statement;
  expect(statements.flatMap(({ Action }) => Action)).toEqual([
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
    'secretsmanager:UpdateSecretVersionStage',
    'rds:DescribeDBClusters',
    'rds:ModifyDBCluster',
    'ecs:DescribeServices',
    'ecs:UpdateService',
    'kms:Decrypt',
    'kms:GenerateDataKey',
    'kms:Decrypt',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ]);
  expect(JSON.stringify(statements)).not.toContain('*');
  expect(statements.filter(({ Condition }) => Condition)).toHaveLength(2);
});

test('only Secrets Manager of this account may call it', () => {
  template().hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'secretsmanager.amazonaws.com',
    SourceAccount: '123456789012',
    Action: 'lambda:InvokeFunction',
  });
});

test('a rotation that failed is told of at once, and silence is the rule', () => {
  template().hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Statistic: 'Sum',
    Period: 300,
    Threshold: 0,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: Match.stringLikeRegexp('^Topic') }],
  });
});

describe('on a running product', () => {
  const without = () => product({ rotates: false, rotation: false });

  test('switching it on only adds, and secret, cluster and password stay as they are', () => {
    expect(losses(without(), product())).toEqual([]);
    const [before, after] = [without(), product()].map((stack) => Template.fromStack(stack));
    for (const type of ['AWS::SecretsManager::Secret', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance']) {
      expect(after.findResources(type)).toEqual(before.findResources(type));
    }
  });

  test('switching it off loses nothing but the rotation itself', () => {
    const lost = losses(product(), without()).filter((loss) => /Secret |DBCluster|DBInstance|KMS/.test(loss));
    expect(lost).toEqual([]);
  });

  test('no feature flag changes what it is', () => {
    expect(
      flagDependent((stack) => void product({}, stack), 'AWS::Lambda::Function', 'AWS::SecretsManager::RotationSchedule'),
    ).toEqual([]);
  });
});

test('every pack is content, with the acknowledgement of an unrotated password gone', () => {
  const stack = product();
  expect(nagFindings(stack).filter((finding) => /Rotation|Database/.test(finding))).toEqual([]);
  for (const id of ['Rotation', 'Database']) {
    expect(everyPack(stack.node.findChild(id))).toEqual({ open: [], unused: [] });
  }
});

test('it works without a concrete environment', () => {
  Template.fromStack(product({}, agnosticStack())).resourceCountIs('AWS::SecretsManager::RotationSchedule', 1);
});

test.each([
  [
    { services: 0 },
    'services must name every service that got the password, got none: without them all tasks would be locked out',
  ],
  [{ rotates: false }, 'database must be told of its rotation, got one without passwordRotates: set it to true'],
  [
    { rotation: { schedule: 'monthly' } },
    "schedule must be a cron() or rate() expression, got 'monthly': write it as in cron(0 4 1 * ? *)",
  ],
])('refuses %j', (parts, message) => {
  expect(() => product(parts)).toThrow(new Error(message));
});
