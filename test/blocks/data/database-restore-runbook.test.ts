import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { DatabaseRestoreRunbook } from '../../../lib/blocks/data/database-restore-runbook';
import { testStack } from '../../stacks';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';
import { losses } from './kept';
import { vpc } from './vpc';

function restorable(runbook = true): Stack {
  const stack = testStack();
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), readers: 1 });
  if (runbook) new DatabaseRestoreRunbook(stack, 'Restore', { database });
  return stack;
}

interface Step {
  readonly name: string;
  readonly action: string;
  readonly inputs: Record<string, unknown>;
}

function steps(): Step[] {
  const [{ Properties }] = Object.values(Template.fromStack(restorable()).findResources('AWS::SSM::Document'));
  return Properties.Content.mainSteps;
}

test('a second of the past goes into a new cluster beside the running one, with the same network, key and parameters', () => {
  Template.fromStack(restorable()).hasResourceProperties('AWS::SSM::Document', {
    DocumentType: 'Automation',
    UpdateMethod: 'NewVersion',
    Name: Match.absent(),
    Content: {
      parameters: Match.objectLike({ RestoreToTime: Match.anyValue(), NewCluster: Match.anyValue() }),
      mainSteps: Match.arrayWith([
        Match.objectLike({
          inputs: Match.objectLike({
            Api: 'RestoreDBClusterToPointInTime',
            SourceDBClusterIdentifier: { Ref: Match.stringLikeRegexp('^DatabaseCluster') },
            DBClusterIdentifier: '{{ NewCluster }}',
            RestoreToTime: '{{ RestoreToTime }}',
            DBSubnetGroupName: { Ref: Match.stringLikeRegexp('^DatabaseSubnetGroup') },
            VpcSecurityGroupIds: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^DatabaseSecurityGroup'), 'GroupId'] }],
            DBClusterParameterGroupName: { Ref: Match.stringLikeRegexp('^DatabaseParameterGroup') },
            KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DatabaseKey'), 'Arn'] },
            ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
            DeletionProtection: true,
          }),
        }),
      ]),
    },
  });
});

test('the running database is only read: what is changed or made is called by the new name', () => {
  const changing = steps().filter(({ inputs }) => !String(inputs.Api).startsWith('Describe'));
  expect(changing.map(({ inputs }) => inputs.Api)).toEqual(['RestoreDBClusterToPointInTime', 'CreateDBInstance']);
  for (const { inputs } of changing) expect(inputs.DBClusterIdentifier).toBe('{{ NewCluster }}');
});

test('it waits for cluster and instance, and ends with the host', () => {
  expect(steps().map(({ name }) => name)).toEqual(['restore', 'clusterThere', 'instance', 'instanceThere', 'endpoint']);
});

test('it only adds, and every pack is content', () => {
  expect(losses(restorable(false), restorable())).toEqual([]);
  const stack = restorable();
  expect(nagFindings(stack).filter((finding) => finding.includes('Restore'))).toEqual([]);
  expect(everyPack(stack.node.findChild('Restore'))).toEqual({ open: [], unused: [] });
});
