import { Match, type Template } from 'aws-cdk-lib/assertions';
import { ServerOption } from '../../lib/stages/server-option';
import { synthesized } from './synthesized';

const named = (template: Template, type: string, name: RegExp) =>
  Object.keys(template.findResources(type)).filter((id) => name.test(id));

const NEVER = ServerOption.never('starts with several tasks');

describe.each([2, 3])('the stores at stage %d, without a server', (stage) => {
  const { primary } = synthesized(stage, { server: NEVER });

  test('have a database whose password is rotated, and all of whose tasks are replaced after it', () => {
    primary.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: { Ref: Match.stringLikeRegexp('^ProductDatabaseSecret') },
      RotateImmediatelyOnUpdate: false,
    });
    const [{ Properties }] = Object.values(
      primary.findResources('AWS::Lambda::Function', {
        Properties: { Code: { ZipFile: Match.stringLikeRegexp('createSecret') } },
      }),
    );
    const told = JSON.stringify(Properties.Environment.Variables.SERVICES);
    for (const service of Object.keys(primary.findResources('AWS::ECS::Service'))) expect(told).toContain(service);
  });

  test('can leave the password alone, with database and secret unchanged', () => {
    const alone = synthesized(stage, { server: NEVER, rotateDatabasePassword: false }).primary;
    alone.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
    for (const type of ['AWS::RDS::DBCluster', 'AWS::SecretsManager::Secret']) {
      expect(alone.findResources(type)).toEqual(primary.findResources(type));
    }
  });
});

test.each([2, 3])('the password at stage %d stays while the server runs, whose containers know it too', (stage) => {
  for (const server of [undefined, ServerOption.movedOut('row counts compared'), ServerOption.withoutDatabase()]) {
    synthesized(stage, { server }).primary.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
  }
});

test('the password of the fourth stage stays: the tasks of further Regions cannot be replaced from the primary one', () => {
  for (const template of Object.values(synthesized(4).byName)) {
    template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
  }
});

test.each([2, 3, 4])('stage %d tells people of database and cache in every Region', (stage) => {
  for (const [name, template] of Object.entries(synthesized(stage).byName)) {
    if (named(template, 'AWS::ElastiCache::ReplicationGroup', /./).length === 0) continue;
    const alarms = template.findResources('AWS::CloudWatch::Alarm');
    const ours = Object.entries(alarms).filter(([id]) => /(Database|Cache)Alarms/.test(id));
    // From stage 3 on the hit rate and hot shards, too.
    expect([name, ours.length]).toEqual([name, stage === 2 ? 12 : 14]);
    for (const [, { Properties }] of ours) {
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/AlarmsTopic/) }]);
    }
  }
});

test.each([2, 3, 4])('stage %d has a runbook that restores the database beside the running one', (stage) => {
  expect(named(synthesized(stage).primary, 'AWS::SSM::Document', /^ProductDatabaseRestore/)).toHaveLength(1);
});

test('readers fail over in order: the first with the writer, the one for reports last', () => {
  const instances = Object.entries(synthesized(3).primary.findResources('AWS::RDS::DBInstance'));
  const tiers = instances.map(([id, { Properties }]) => [
    id.replace(/^ProductDatabaseCluster|[0-9A-F]{8}$/g, ''),
    Properties.PromotionTier,
  ]);
  expect(Object.fromEntries(tiers)).toEqual({ Writer: 0, Reader1: 1, Reader2: 15 });
});
