import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SharedTable } from '../../../lib/blocks/data/shared-table';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const table = (replicaRegions?: string[]) => (stack: Stack) => new SharedTable(stack, 'SharedTable', { replicaRegions });

beforeAll(() => {
  // TableV2 itself uses two deprecated properties of its grants.
  jest.spyOn(console, 'warn').mockReturnValue();
});

describe('a shared table', () => {
  test('is a global table from birth, protected and restorable to any point in time', () => {
    templateOf(table()).hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: Match.absent(),
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        LocalSecondaryIndexes: Match.absent(),
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        Replicas: [
          {
            Region: 'us-east-1',
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            ContributorInsightsSpecification: Match.absent(),
          },
        ],
      },
    });
  });

  test('protects its copies as well', () => {
    const [after] = Object.values(templateOf(table(['us-west-2', 'eu-central-1'])).findResources('AWS::DynamoDB::GlobalTable'));
    const replicas = after.Properties.Replicas as Record<string, unknown>[];
    expect(replicas.map(({ Region }) => Region).sort()).toEqual(['eu-central-1', 'us-east-1', 'us-west-2']);
    for (const replica of replicas) {
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      });
    }
  });

  test('takes copies in place, with the same id and keys', () => {
    const [before, after] = [table(), table(['us-west-2', 'eu-central-1', 'ap-southeast-1'])];
    expect(losses(before, after)).toEqual([]);
    const found = [before, after].map((build) => templateOf(build).findResources('AWS::DynamoDB::GlobalTable'));
    expect(Object.keys(found[1])).toEqual(Object.keys(found[0]));
    const [[idBefore], [idAfter]] = found.map((resources) => Object.values(resources));
    expect(idAfter.Properties.KeySchema).toEqual(idBefore.Properties.KeySchema);
  });

  test('is not changed by feature flags', () => {
    expect(flagDependent(table(), 'AWS::DynamoDB::GlobalTable')).toEqual([]);
  });

  test.each([
    [['us-east-1'], "replicaRegions must not hold the stack's own Region, got 'us-east-1': the original is there already"],
    [['us-west-2', 'us-west-2'], "replicaRegions must name each Region once, got 'us-west-2' twice: remove one"],
    [['Oregon'], "replicaRegions must hold Region names, got 'Oregon': write it as in us-west-2"],
  ])('refuses %j', (regions, message) => {
    expect(() => table(regions)(testStack())).toThrow(message);
  });

  test('cannot have copies in a stack that does not know its Region, but can be there', () => {
    expect(() => table(['us-west-2'])(agnosticStack())).toThrow(
      'replicaRegions need a stack whose Region is known, got 1 of them: give the stack an env with a region',
    );
    const stack = agnosticStack();
    table()(stack);
    Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::GlobalTable', 1);
  });

  test('breaks no policy', () => {
    const stack = testStack();
    table(['us-west-2'])(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
