import { App, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ServerVolume, type ServerVolumeProps } from '../../../lib/blocks/compute/server-volume';
import { agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const STATE: [string, string][] = [
  ['AWS::EC2::Volume', 'Retain'],
  // It has a name, which would be taken after a failed first deploy.
  ['AWS::Backup::BackupVault', 'RetainExceptOnCreate'],
];

function volume(stack: Stack, props: Partial<ServerVolumeProps> = {}): ServerVolume {
  return new ServerVolume(stack, 'ServerVolume', { availabilityZone: 'us-east-1a', ...props });
}

describe('a server volume', () => {
  test('is an encrypted gp3 volume of 20 GiB', () => {
    templateOf((stack) => volume(stack)).hasResourceProperties('AWS::EC2::Volume', {
      AvailabilityZone: 'us-east-1a',
      Encrypted: true,
      KmsKeyId: Match.absent(),
      Size: 20,
      VolumeType: 'gp3',
      AutoEnableIO: true,
    });
  });

  test.each(STATE)('keeps %s', (type, DeletionPolicy) => {
    const template = templateOf((stack) => volume(stack));
    template.resourceCountIs(type, 1);
    template.allResources(type, { DeletionPolicy, UpdateReplacePolicy: 'Retain' });
  });

  test('is backed up every day for a week, it alone', () => {
    const template = templateOf((stack) => volume(stack));
    const [id] = Object.keys(template.findResources('AWS::EC2::Volume'));
    template.hasResourceProperties('AWS::Backup::BackupPlan', {
      BackupPlan: {
        BackupPlanRule: [Match.objectLike({ ScheduleExpression: 'cron(0 3 * * ? *)', Lifecycle: { DeleteAfterDays: 7 } })],
      },
    });
    template.hasResourceProperties('AWS::Backup::BackupSelection', {
      BackupSelection: {
        ListOfTags: Match.absent(),
        Resources: [{ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':volume/$'), { Ref: id }])] }],
      },
    });
  });

  test('uses one key for volume and vault', () => {
    const template = templateOf((stack) => volume(stack, { encryptionKey: new kms.Key(stack, 'Key') }));
    const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };
    template.hasResourceProperties('AWS::EC2::Volume', { Encrypted: true, KmsKeyId: key });
    template.hasResourceProperties('AWS::Backup::BackupVault', { EncryptionKeyArn: key });
  });

  test('grows, and keeps backups longer, in place', () => {
    expect(
      losses(
        (stack) => volume(stack),
        (stack) => volume(stack, { size: Size.gibibytes(100), backupRetention: Duration.days(35) }),
      ),
    ).toEqual([]);
  });

  test('is not changed by feature flags', () => {
    const types = [...STATE.map(([type]) => type), 'AWS::Backup::BackupPlan', 'AWS::Backup::BackupSelection'];
    expect(flagDependent((stack) => volume(stack), ...types)).toEqual([]);
  });

  test('names its vault after its place in the stack', () => {
    const name = (stack: Stack) => {
      volume(stack);
      return Object.values(Template.fromStack(stack).findResources('AWS::Backup::BackupVault'))[0].Properties.BackupVaultName;
    };
    expect(name(testStack())).toMatch(/^[A-Za-z0-9-]{2,50}$/);
    expect(name(testStack())).toBe(name(new Stack(new App(), 'Shop')));
    expect(name(testStack({ id: `A${'n'.repeat(100)}` }))).toMatch(/^[A-Za-z0-9-]{2,50}$/);
  });

  test('has no open finding', () => {
    const stack = testStack();
    volume(stack);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('works in a stack without an environment', () => {
    const stack = agnosticStack();
    volume(stack, { availabilityZone: stack.availabilityZones[0] });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('can be one that exists', () => {
    const stack = testStack();
    const key = new kms.Key(stack, 'Key');
    const attrs = { volumeId: 'vol-0123456789abcdef0', availabilityZone: 'us-east-1b', encryptionKey: key };
    expect(ServerVolume.fromServerVolumeAttributes(stack, 'Restored', attrs)).toMatchObject(attrs);
    Template.fromStack(stack).resourceCountIs('AWS::EC2::Volume', 0);
  });

  test('refuses an empty zone', () => {
    expect(() => volume(testStack(), { availabilityZone: '' })).toThrow(
      new Error("availabilityZone must name a zone of the VPC such as us-east-1a, got: ''"),
    );
  });

  test('refuses a size that gp3 has not', () => {
    expect(() => volume(testStack(), { size: Size.gibibytes(0) })).toThrow(
      new Error('size must be a whole number of GiB from 1 to 16384, got: 0 GiB'),
    );
  });

  test.each([
    [Duration.days(0), '0'],
    [Duration.hours(36), '1.5'],
    [Duration.days(36_501), '36501'],
  ])('refuses to keep backups for %s', (backupRetention, given) => {
    expect(() => volume(testStack(), { backupRetention })).toThrow(
      new Error(`backupRetention must be a whole number of days from 1 to 36500, got: ${given}`),
    );
  });

  test('leaves what is not known yet alone', () => {
    const later = Lazy.number({ produce: () => 30 });
    expect(() => volume(testStack(), { backupRetention: Duration.days(later) })).not.toThrow();
  });
});
