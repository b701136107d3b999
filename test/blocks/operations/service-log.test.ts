import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { serviceLog } from '../../../lib/blocks/operations/service-log';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { acknowledgedIds, everyPack } from '../every-pack';

const plain = (stack: Stack) => serviceLog(stack, 'Log');
const encrypted = (stack: Stack) => serviceLog(stack, 'Log', { encryptionKey: new kms.Key(stack, 'Key') });
describe('a log', () => {
  test('is kept for a year, and when it leaves the template, without a name', () => {
    templateOf(plain).hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 365, KmsKeyId: Match.absent(), LogGroupName: Match.absent() },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('has the name that a service wants', () => {
    const template = templateOf((stack) => serviceLog(stack, 'Log', { logGroupName: 'aws-waf-logs-shop' }));
    template.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: 'aws-waf-logs-shop' });
  });

  test.each([
    ['with', testStack, `arn:<AWS::Partition>:logs:us-east-1:${ACCOUNT}:log-group:*`],
    ['without', agnosticStack, 'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:*'],
  ])(
    'lets CloudWatch Logs use its key, for logs of its own account and Region, in a stack %s an environment',
    (_, make, logs) => {
      const stack = make();
      encrypted(stack);
      const template = Template.fromStack(stack);
      template.hasResourceProperties('AWS::Logs::LogGroup', {
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
      });
      const [{ Properties }] = Object.values(template.findResources('AWS::KMS::Key'));
      const [, statement] = Properties.KeyPolicy.Statement;
      const text = (value: unknown): string => {
        const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
        return typeof value === 'string' ? value : Ref ? `<${Ref}>` : join![1].map(text).join(join![0]);
      };
      expect(statement).toMatchObject({
        Sid: 'LogsOfThisAccount',
        Effect: 'Allow',
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
      });
      const region = stack.region === 'us-east-1' ? 'us-east-1' : '<AWS::Region>';
      expect(text(statement.Principal.Service)).toBe(`logs.${region}.<AWS::URLSuffix>`);
      expect(text(statement.Condition.ArnLike['kms:EncryptionContext:aws:logs:arn'])).toBe(logs);
    },
  );

  test('says so once in the policy of a key that several logs share', () => {
    const stack = testStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    for (const id of ['One', 'Two', 'Three']) serviceLog(stack, id, { encryptionKey });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::KMS::Key'));
    expect(Properties.KeyPolicy.Statement).toHaveLength(2);
  });

  test('gets and changes its key in place', () => {
    expect(losses(plain, encrypted)).toEqual([]);
    const theirs = (stack: Stack) => {
      const arn = `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-1`;
      serviceLog(stack, 'Log', { encryptionKey: kms.Key.fromKeyArn(stack, 'Theirs', arn) });
    };
    expect(losses(plain, theirs)).toEqual([]);
  });

  test('is the same with no feature flag and with all recommended ones', () => {
    expect(flagDependent(encrypted, 'AWS::Logs::LogGroup')).toEqual([]);
  });

  test('without a key leaves it to whoever makes it to say why', () => {
    const stack = testStack();
    expect(acknowledgedIds(plain(stack))).toEqual([]);
    expect(everyPack(stack).open).toHaveLength(4);
  });

  test('with a key of its template, or one that is written out, has nothing to say', () => {
    const stack = testStack();
    const arn = `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-1`;
    expect(acknowledgedIds(encrypted(stack))).toEqual([]);
    expect(everyPack(stack).open.filter((finding) => finding.includes('/Log/'))).toEqual([]);
    expect(acknowledgedIds(serviceLog(stack, 'Other', { encryptionKey: kms.Key.fromKeyArn(stack, 'Theirs', arn) }))).toEqual([]);
  });

  test.each([
    [
      'a replica',
      (stack: Stack) => {
        const replica = new kms.CfnReplicaKey(stack, 'Replica', { primaryKeyArn: 'arn', keyPolicy: {} });
        return kms.Key.fromKeyArn(stack, 'Key', replica.attrArn);
      },
    ],
    [
      'a key of another stack',
      (stack: Stack) =>
        new kms.Key(new Stack(stack.node.scope!, 'Other', { env: { account: ACCOUNT, region: 'us-east-1' } }), 'Key'),
    ],
  ])('with %s tells the control that looks for a key in the same template', (_, make) => {
    const stack = testStack();
    expect(acknowledgedIds(serviceLog(stack, 'Log', { encryptionKey: make(stack) }))).toEqual([
      'ControlTower::CT.CLOUDWATCH.PR.3',
    ]);
  });
});
