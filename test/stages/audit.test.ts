import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { VaultLock } from '../../lib/blocks/data/vault-lock';
import { AuditedEvents } from '../../lib/stages/audited-events';
import type { ProductAudit } from '../../lib/stages/product-audit';
import { type PropsOfStack, resources, synthesized } from './synthesized';

const FULL: ProductAudit = {
  events: AuditedEvents.ALL,
  managementEvents: true,
  fileBackups: true,
  backupLock: VaultLock.compliance('the regulator asks for it, decided by the board on 2026-03-02'),
  backupCopyVaultArn: 'arn:aws:backup:eu-central-1:210987654321:backup-vault:safe',
};

const audited = (stage: number, audit: ProductAudit) => synthesized(stage, { audit } as PropsOfStack);

/** What holds state of the audit. */
const STATE = ['AWS::Backup::BackupVault', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::Logs::LogGroup'];

const output = (name: string) => ({
  'Fn::GetStackOutput': Match.objectLike({ StackName: 'Shop', OutputName: Match.stringLikeRegexp(`^ProductOutput${name}`) }),
});

describe('the audit of a product', () => {
  const plain = synthesized(3);
  const full = audited(3, FULL);
  const beside = plain.byName['Shop-Product-Audit'];
  const besideFull = full.byName['Shop-Product-Audit'];

  test('backs the database and the shared table up every week into a locked vault', () => {
    plain.primary.hasResource('AWS::Backup::BackupVault', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        EncryptionKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ProductDataKey'), 'Arn'] },
        LockConfiguration: { MinRetentionDays: 7, MaxRetentionDays: 400 },
        AccessPolicy: { Statement: [Match.objectLike({ Effect: 'Deny' })] },
      },
    });
    beside.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [Match.objectLike({ RuleName: 'Weekly', TargetBackupVault: output('BackupsName') })],
      },
    });
    for (const name of ['DatabaseArn', 'SharedTableArn']) {
      beside.hasResourceProperties('AWS::Backup::BackupSelection', { BackupSelection: { Resources: [output(name)] } });
    }
    beside.resourceCountIs('AWS::Backup::BackupSelection', 2);
  });

  test('rings when no backup of either was completed for a week', () => {
    for (const Value of ['Aurora', 'DynamoDB']) {
      beside.hasResourceProperties('AWS::CloudWatch::Alarm', {
        MetricName: 'NumberOfBackupJobsCompleted',
        Dimensions: [
          { Name: 'BackupVaultName', Value: output('BackupsName') },
          { Name: 'ResourceType', Value },
        ],
        AlarmActions: [output('AlarmTopicArn')],
      });
    }
    beside.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'NumberOfBackupJobsCompleted' }, 2);
    besideFull.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'NumberOfBackupJobsCompleted' }, 3);
  });

  test('backs archived rows up with the other files, for nothing else holds them', () => {
    const archive = { tables: [{ table: 'visits', by: 'created_at', olderThan: Duration.days(90) }] };
    const besideOf = (audit: ProductAudit) => synthesized(3, { archive, audit }).byName['Shop-Product-Audit'];
    const selected = { BackupSelection: { Resources: [output('ArchiveBucketArn')] } };
    besideOf({ fileBackups: true }).resourcePropertiesCountIs('AWS::Backup::BackupSelection', selected, 1);
    besideOf({}).resourcePropertiesCountIs('AWS::Backup::BackupSelection', selected, 0);
  });

  test('restores them every month where the database stands', () => {
    beside.hasResourceProperties('AWS::Backup::RestoreTestingPlan', {
      RecoveryPointSelection: Match.objectLike({ IncludeVaults: [output('BackupsArn')] }),
    });
    beside.hasResourceProperties('AWS::Backup::RestoreTestingSelection', {
      ProtectedResourceType: 'Aurora',
      ProtectedResourceArns: [output('DatabaseArn')],
      RestoreMetadataOverrides: Match.objectLike({ dbsubnetgroupname: output('DatabaseSubnetGroup') }),
    });
    beside.hasResourceProperties('AWS::Backup::RestoreTestingSelection', { ProtectedResourceType: 'DynamoDB' });
  });

  test('tells people of backups, copies and restores that failed', () => {
    beside.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ 'detail-type': ['Backup Job State Change', 'Copy Job State Change'] }),
      Targets: [Match.objectLike({ Arn: output('AlarmTopicArn') })],
    });
    beside.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ 'detail-type': ['Restore Job State Change'] }),
    });
    plain.primary.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'EventsOfThisAccount' })]) },
    });
  });

  test('has a locked, kept bucket and a log for a trail, and no trail as it comes', () => {
    plain.primary.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { ObjectLockEnabled: true, LoggingConfiguration: Match.objectLike({ LogFilePrefix: 'audit/' }) },
    });
    expect(resources(plain.assembly, 'AWS::CloudTrail::Trail')).toEqual([]);
    expect(resources(plain.assembly, 'AWS::Logs::MetricFilter').length).toBeLessThan(
      resources(full.assembly, 'AWS::Logs::MetricFilter').length,
    );
  });

  test('records who uses what the product keeps, by ARN, in every Region', () => {
    besideFull.hasResourceProperties('AWS::CloudTrail::Trail', {
      TrailName: 'Shop-Product-Trail',
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
      KMSKeyId: output('AuditKeyArn'),
      AdvancedEventSelectors: [
        { FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] },
        {
          FieldSelectors: Match.arrayWith([
            {
              Field: 'resources.ARN',
              StartsWith: Match.arrayWith([{ 'Fn::Join': ['', [output('AssetsBucketArn'), '/']] }]),
            },
          ]),
        },
        {
          FieldSelectors: Match.arrayWith([
            {
              Field: 'resources.ARN',
              Equals: [
                {
                  'Fn::Join': [
                    '',
                    ['arn:', { Ref: 'AWS::Partition' }, ':dynamodb:us-east-1:123456789012:table/', output('SharedTableName')],
                  ],
                },
              ],
            },
          ]),
        },
      ],
    });
    const [trail] = resources(full.assembly, 'AWS::CloudTrail::Trail');
    // Each delivery of a log would be an event about an event.
    expect(JSON.stringify(trail.properties)).not.toMatch(/LogsBucketArn|RecordsBucketArn/);
  });

  test('lets that one trail into bucket and key', () => {
    const arn = { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':trail/Shop-Product-Trail$')])] };
    full.primary.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Sid: 'TrailWrites', Condition: { StringEquals: Match.objectLike({ 'aws:SourceArn': arn }) } }),
        ]),
      },
    });
    full.primary.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'AuditTrail' })]) },
    });
  });

  test('records writes of files for next to nothing', () => {
    const [{ properties }] = resources(
      audited(3, { events: AuditedEvents.FILE_WRITES, restoreTests: false }).assembly,
      'AWS::CloudTrail::Trail',
    );
    expect(properties.AdvancedEventSelectors).toEqual([
      expect.objectContaining({
        FieldSelectors: expect.arrayContaining([{ Field: 'readOnly', Equals: ['false'] }]),
        Name: 'Objects',
      }),
    ]);
  });

  test('rings for what the CIS benchmark names, where its trail records it', () => {
    besideFull.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { Namespace: 'Shop-Product-Trail' }, 14);
    besideFull.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'KeyDisabled',
      Namespace: 'Shop-Product-Trail',
      AlarmActions: [output('AlarmTopicArn')],
    });
  });

  test('backs files up and copies backups elsewhere where the product says so', () => {
    besideFull.resourceCountIs('AWS::Backup::BackupSelection', 3);
    besideFull.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [
          Match.objectLike({ CopyActions: [Match.objectLike({ DestinationBackupVaultArn: FULL.backupCopyVaultArn })] }),
        ],
      },
    });
    full.primary.hasResourceProperties('AWS::Backup::BackupVault', {
      LockConfiguration: Match.objectLike({ ChangeableForDays: 30 }),
    });
  });

  test('leaves the product as it is: no resource of its stack comes or goes with the option', () => {
    const ids = (one: typeof plain) => Object.keys(one.primary.toJSON().Resources).sort();
    expect(ids(full)).toEqual(ids(plain));
  });

  test('holds nothing beside the product', () => {
    for (const template of [beside, besideFull]) for (const type of STATE) template.resourceCountIs(type, 0);
  });
});

describe('the audit of a product in several Regions', () => {
  const everywhere = audited(4, { events: AuditedEvents.WRITES });

  test('watches the copies of files and tables in the further Regions too', () => {
    const [{ properties }] = resources(everywhere.assembly, 'AWS::CloudTrail::Trail');
    const text = JSON.stringify(properties.AdvancedEventSelectors);
    expect(text).toContain('"StackName":"Shop-Product-eu-central-1"');
    expect(text).toContain(':dynamodb:eu-central-1:123456789012:table/');
    expect(text).toContain(':dynamodb:us-east-1:123456789012:table/');
  });

  test('backs up in the primary Region only', () => {
    const regions = resources(everywhere.assembly, 'AWS::Backup::BackupPlan').map(({ stack }) => stack.region);
    expect(new Set(regions)).toEqual(new Set(['us-east-1']));
  });
});

describe('the flow log', () => {
  test('records what was refused in the VPC of the product, encrypted, for a year', () => {
    const { primary } = synthesized(3);
    primary.hasResourceProperties('AWS::EC2::FlowLog', {
      ResourceType: 'VPC',
      TrafficType: 'REJECT',
      LogDestinationType: 'cloud-watch-logs',
    });
    const [{ Properties }] = Object.values(primary.findResources('AWS::EC2::FlowLog'));
    const logGroup = primary.findResources('AWS::Logs::LogGroup')[Properties.LogGroupName.Ref];
    expect(logGroup).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { RetentionInDays: 365, KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^ProductDataKey/), 'Arn'] } },
    });
  });

  test('is not there for a VPC of somebody else, who decides what is recorded of it', () => {
    const { assembly } = synthesized(3, (stack) => ({
      availabilityZones: undefined,
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
        vpcId: 'vpc-0a',
        availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
        publicSubnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
        privateSubnetIds: ['subnet-d', 'subnet-e', 'subnet-f'],
        isolatedSubnetIds: ['subnet-g', 'subnet-h', 'subnet-i'],
      }),
    }));
    expect(resources(assembly, 'AWS::EC2::FlowLog')).toEqual([]);
  });
});
