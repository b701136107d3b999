import { Duration } from 'aws-cdk-lib';
import type { TemplateResource } from '../../lib/assembly/cloud-assembly';
import { resourceModel } from '../../lib/assembly/service-spec';
import { SearchFeed } from '../../lib/blocks/data/search-feed';
import { FirewallRules } from '../../lib/blocks/edge/firewall-rules';
import { EmailSending } from '../../lib/blocks/messaging/email-sending';
import { AuditedEvents } from '../../lib/stages/audited-events';
import { ServerOption } from '../../lib/stages/server-option';
import type { AnyStageProps } from '../synth-stages';
import { resources, type Synthesized, synthesized } from './synthesized';

/** Every option of stages 3 and 4 that brings something which is kept. */
const ALL: Partial<AnyStageProps> = {
  firewall: FirewallRules.of(),
  signIn: { groups: [{ name: 'admin', precedence: 0 }] },
  email: EmailSending.fromDomain(),
  searchFeed: SearchFeed.ofTables('public.products'),
  archive: { tables: [{ table: 'visits', by: 'created_at', olderThan: Duration.days(90) }] },
  audit: { events: AuditedEvents.ALL, managementEvents: true, fileBackups: true },
};

const VARIANTS: [string, () => Synthesized][] = [
  ['1', () => synthesized(1)],
  ['2', () => synthesized(2)],
  ['2 with its server', () => synthesized(2, { server: ServerOption.withDatabase() })],
  ['3', () => synthesized(3)],
  ['3 with every option', () => synthesized(3, ALL)],
  ['4', () => synthesized(4)],
  ['4 with every option', () => synthesized(4, ALL)],
];

/** Whether CloudFormation is told by what name it shall know the resource, or gives one itself. */
function namesItself({ Type, Properties = {} }: TemplateResource): boolean {
  return (resourceModel(Type)?.primaryIdentifier ?? []).some((property) => {
    const value = Properties[property];
    // A reference names another resource, which has a name of its own.
    return value !== undefined && !/^\{"(Ref|Fn::GetAtt)"/.test(JSON.stringify(value));
  });
}

test.each(VARIANTS)(
  'stage %s keeps nothing by name after a failed first deploy, which would block every further try',
  (_, make) => {
    const named = resources(make().assembly).filter(({ resource }) => namesItself(resource));
    const kept = named.filter(({ resource }) => resource.DeletionPolicy === 'Retain');
    expect(kept.map(({ stack, logicalId, resource }) => `${resource.Type} ${logicalId} in ${stack.stackName}`)).toEqual([]);
  },
);

test('looks at what has a name', () => {
  const types = resources(synthesized(3, ALL).assembly)
    .filter(({ resource }) => namesItself(resource) && resource.DeletionPolicy === 'RetainExceptOnCreate')
    .map(({ resource }) => resource.Type);
  expect(types).toEqual(
    expect.arrayContaining([
      'AWS::Logs::LogGroup',
      'AWS::SES::EmailIdentity',
      'AWS::Backup::BackupVault',
      'AWS::ElastiCache::User',
    ]),
  );
});
