import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { LockedVault } from '../../../lib/blocks/data/locked-vault';
import { RestoreTest, type RestoreTestProps } from '../../../lib/blocks/data/restore-test';
import { VaultLock } from '../../../lib/blocks/data/vault-lock';
import { BackupRhythm, VaultPlan, type VaultPlanProps } from '../../../lib/blocks/data/vault-plan';
import { testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const DATABASE = 'arn:aws:rds:us-east-1:123456789012:cluster:shop';
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/shop';
const REASON = 'the regulator asks for it, decided by the board on 2026-03-02';

const vault = (lock?: VaultLock) => (stack: Stack) =>
  new LockedVault(stack, 'It', { encryptionKey: new DataKey(stack, 'Key').key, lock });

const plan =
  (props: Partial<VaultPlanProps> = {}) =>
  (stack: Stack) => {
    const made = new VaultPlan(stack, 'Plan', { vault: vault(props.lock)(stack).vault, ...props });
    made.protect('Database', DATABASE);
    made.protect('SharedTable', TABLE);
    return made;
  };

const restoreTest =
  (props: Partial<RestoreTestProps> = {}) =>
  (stack: Stack) => {
    const test = new RestoreTest(stack, 'It', { vaultArn: 'arn:aws:backup:us-east-1:123456789012:backup-vault:shop', ...props });
    test.testDatabase('Database', { clusterArn: DATABASE, subnetGroupName: 'data', securityGroupIds: ['sg-1', 'sg-2'] });
    test.testTable('SharedTable', TABLE);
    return test;
  };

describe('the vault', () => {
  test('has a key of the account, keeps backups for a week at least, and stays when it leaves the template', () => {
    templateOf(vault()).hasResource('AWS::Backup::BackupVault', {
      // Kept after a failed first deploy it would block its own name.
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BackupVaultName: Match.stringLikeRegexp('^[A-Za-z0-9-]{2,50}$'),
        EncryptionKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
        // Without days in which it can be changed the lock can always be taken off.
        LockConfiguration: { MinRetentionDays: 7, MaxRetentionDays: 400 },
      },
    });
  });

  test('lets nobody delete a backup, administrators included', () => {
    templateOf(vault()).hasResourceProperties('AWS::Backup::BackupVault', {
      AccessPolicy: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle'],
            Resource: '*',
          },
        ],
      },
    });
  });

  test('can be locked for ever, after days in which it can still be undone', () => {
    templateOf(vault(VaultLock.compliance(REASON))).hasResourceProperties('AWS::Backup::BackupVault', {
      LockConfiguration: { MinRetentionDays: 7, MaxRetentionDays: 400, ChangeableForDays: 30 },
    });
  });

  test('changes its lock in place', () => {
    expect(losses(vault(), vault(VaultLock.compliance(REASON)))).toEqual([]);
  });

  test.each([
    [
      () => VaultLock.compliance('we want it'),
      "reason 'we want it' is too short to sign: say why the lock must never be undone, and who decided",
    ],
    [
      () => VaultLock.compliance(REASON, Duration.days(7), Duration.days(30), Duration.days(2)),
      'coolingOff must be a whole number of days from 3 to 36500, got 2: give another',
    ],
    [
      () => VaultLock.governance(Duration.hours(36)),
      'minRetention must be a whole number of days from 1 to 36500, got 1.5: give another',
    ],
    [
      () => VaultLock.governance(Duration.days(30), Duration.days(7)),
      'maxRetention must be a whole number of days from 30 to 36500, got 7: give another',
    ],
  ])('refuses a lock that does not fit: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('the plan', () => {
  test('backs up every week, keeps five, and names by ARN what it backs up', () => {
    const template = templateOf(plan());
    template.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          {
            RuleName: 'Weekly',
            ScheduleExpression: 'cron(0 5 ? * SUN *)',
            Lifecycle: { DeleteAfterDays: 35 },
            StartWindowMinutes: 60,
            CompletionWindowMinutes: 1440,
            TargetBackupVault: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ItVault'), 'BackupVaultName'] },
          },
        ],
      },
    });
    const selections = Object.values(template.findResources('AWS::Backup::BackupSelection'));
    expect(selections.map(({ Properties }) => Properties.BackupSelection.Resources)).toEqual([[DATABASE], [TABLE]]);
    expect(JSON.stringify(selections)).not.toContain('Tag');
  });

  test('copies each backup to a vault elsewhere', () => {
    const copyToVaultArn = 'arn:aws:backup:eu-central-1:210987654321:backup-vault:safe';
    templateOf(plan({ copyToVaultArn })).hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          Match.objectLike({ CopyActions: [{ DestinationBackupVaultArn: copyToVaultArn, Lifecycle: { DeleteAfterDays: 35 } }] }),
        ],
      },
    });
  });

  test.each([
    [BackupRhythm.DAILY, 'cron(0 5 * * ? *)'],
    [BackupRhythm.MONTHLY, 'cron(0 5 1 * ? *)'],
  ])('has other rhythms: %#', (rhythm, ScheduleExpression) => {
    templateOf(plan({ rhythm })).hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: { BackupPlanRule: [Match.objectLike({ ScheduleExpression })] },
    });
  });

  test('backs up a bucket with the permissions that buckets need', () => {
    const build = (stack: Stack) => plan()(stack).protectBucket('Assets', 'arn:aws:s3:::files');
    templateOf(build).hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: [
        { 'Fn::Join': ['', Match.arrayWith([':iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup'])] },
        { 'Fn::Join': ['', Match.arrayWith([':iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup'])] },
      ],
    });
  });

  test('leaves the selections as they are when another comes, which are create-only', () => {
    expect(
      losses(plan(), (stack) => plan({ retention: Duration.days(90) })(stack).protectBucket('Assets', 'arn:aws:s3:::a')),
    ).toEqual([]);
    expect(flagDependent(plan(), 'AWS::Backup::BackupVault', 'AWS::Backup::BackupSelection')).toEqual([]);
  });

  test.each([
    [BackupRhythm.DAILY, 2],
    [BackupRhythm.WEEKLY, 7],
  ])('rings when no backup of a type was completed, which is not even a failure: %#', (rhythm, EvaluationPeriods) => {
    const alarms = 'arn:aws:sns:us-east-1:123456789012:alarms';
    const build = (stack: Stack) =>
      plan({ rhythm })(stack).watch('NoBackup', 'Aurora', sns.Topic.fromTopicArn(stack, 'Topic', alarms));
    templateOf(build).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Backup',
      MetricName: 'NumberOfBackupJobsCompleted',
      Dimensions: [
        { Name: 'BackupVaultName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ItVault'), 'BackupVaultName'] } },
        { Name: 'ResourceType', Value: 'Aurora' },
      ],
      Statistic: 'Sum',
      Period: 86400,
      EvaluationPeriods,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      AlarmActions: [alarms],
      OKActions: [alarms],
    });
  });

  test('refuses an alarm that could not look back far enough', () => {
    expect(() => templateOf((stack) => plan({ rhythm: BackupRhythm.MONTHLY })(stack).watch('NoBackup', 'Aurora'))).toThrow(
      'rhythm must be daily or weekly for an alarm to watch it, got Monthly: an alarm looks back over a week at most',
    );
  });

  test('keeps backups within the bounds of the lock', () => {
    expect(() => templateOf(plan({ retention: Duration.days(3) }))).toThrow(
      'retention must be a whole number of days from 7 to 400, got 3: give another',
    );
    expect(() => templateOf(plan({ lock: VaultLock.governance(Duration.days(60)) }))).toThrow(
      'retention must be a whole number of days from 60 to 400, got 35: give another',
    );
  });

  test('leaves no finding of any pack open', () => {
    const stack = testStack();
    const made = plan()(stack);
    made.protectBucket('Assets', 'arn:aws:s3:::files');
    made.watch('NoFileBackup', 'S3', sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:alarms'));
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('the restore test', () => {
  test('restores the newest backup of the month from the vault, under names that AWS Backup takes', () => {
    const template = templateOf(restoreTest());
    template.hasResourceProperties('AWS::Backup::RestoreTestingPlan', {
      RestoreTestingPlanName: Match.stringLikeRegexp('^[A-Za-z0-9_]{1,50}$'),
      ScheduleExpression: 'cron(0 7 2 * ? *)',
      RecoveryPointSelection: {
        Algorithm: 'LATEST_WITHIN_WINDOW',
        IncludeVaults: ['arn:aws:backup:us-east-1:123456789012:backup-vault:shop'],
        RecoveryPointTypes: ['SNAPSHOT'],
        SelectionWindowDays: 31,
      },
    });
    const names = Object.values(template.findResources('AWS::Backup::RestoreTestingSelection')).map(
      ({ Properties }) => Properties.RestoreTestingSelectionName,
    );
    expect(names).toEqual([
      expect.stringMatching(/^[A-Za-z0-9_]{1,41}_Database$/),
      expect.stringMatching(/^[A-Za-z0-9_]{1,38}_SharedTable$/),
    ]);
  });

  test('restores the database where it stands, not in a default VPC', () => {
    templateOf(restoreTest()).hasResourceProperties('AWS::Backup::RestoreTestingSelection', {
      ProtectedResourceType: 'Aurora',
      ProtectedResourceArns: [DATABASE],
      RestoreMetadataOverrides: { dbsubnetgroupname: 'data', vpcsecuritygroupids: '["sg-1","sg-2"]' },
      ValidationWindowHours: 4,
    });
    templateOf(restoreTest({ validationHours: 24 })).hasResourceProperties('AWS::Backup::RestoreTestingSelection', {
      ProtectedResourceType: 'DynamoDB',
      ProtectedResourceArns: [TABLE],
      ValidationWindowHours: 24,
    });
  });

  test('refuses more hours than AWS Backup has', () => {
    expect(() => templateOf(restoreTest({ validationHours: 200 }))).toThrow(
      'validationHours must be a whole number from 0 to 168, got 200: give another (AWS Backup)',
    );
  });

  test('leaves no finding of any pack open', () => {
    const stack = testStack();
    restoreTest()(stack);
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});
