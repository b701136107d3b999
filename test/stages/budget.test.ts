import { Duration, type Stack } from 'aws-cdk-lib';
import type { Assembly } from '../../lib/assembly/cloud-assembly';
import { Entrance, MeshProtocol } from '../../lib/blocks/compute/entrance';
import { Reach } from '../../lib/blocks/compute/reach';
import { SearchFeed } from '../../lib/blocks/data/search-feed';
import { BotControl } from '../../lib/blocks/edge/bot-control';
import { DdosProtection } from '../../lib/blocks/edge/ddos-protection';
import { FirewallRules } from '../../lib/blocks/edge/firewall-rules';
import { PermissionModel } from '../../lib/blocks/identity/permission-model';
import { SignInPages } from '../../lib/blocks/identity/sign-in-pages';
import { EmailSending } from '../../lib/blocks/messaging/email-sending';
import { JobQueue } from '../../lib/blocks/messaging/job-queue';
import { Tracing } from '../../lib/blocks/observability/tracing';
import { AuditedEvents } from '../../lib/stages/audited-events';
import { ServerOption } from '../../lib/stages/server-option';
import { stageWith } from '../promotion/ladder';
import { type AnyStageProps, testDomain } from '../synth-stages';

/** CloudFormation takes 500 resources, 200 outputs and 1 MB a template (quotas); the rest is room to grow. */
const MOST = { resources: 400, bytes: 800_000, outputs: 200 };

/** The CLI asks for the path of every resource in the template. */
const AS_CLI = { 'aws:cdk:enable-path-metadata': true };

/**
 * The server is gone, or on the way there, with everything that moves its data: which stands in the stack since the first stage and
 * goes with the server, so that it may take half of the room.
 */
const SERVERS = {
  'without its server': { server: ServerOption.retired('two weeks without a request'), most: MOST },
  'with its server': { server: ServerOption.withDatabase(), most: { resources: 450, bytes: 900_000, outputs: 200 } },
};

/** Every option of stages 3 and 4 at the end that makes most resources. */
function everythingOn(stack: Stack, server: ServerOption): Omit<AnyStageProps, 'image'> {
  return {
    domain: testDomain(stack),
    server,
    regions: [{ region: 'us-west-2' }, { region: 'eu-central-1' }, { region: 'ap-southeast-1', cacheCopy: false }],
    tracing: Tracing.xray(5),
    firewall: FirewallRules.of({
      allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'],
      blockedAddresses: ['192.0.2.0/24', '2001:db8:1::/48'],
      bots: BotControl.common(),
      ddos: DdosProtection.SHIELD_ADVANCED_AUTOMATIC_RESPONSE,
    }),
    services: [
      { name: 'billing', entrance: Entrance.paths('/billing/*'), reaches: [Reach.DATABASE, Reach.service('core')] },
      { name: 'prices', entrance: Entrance.mesh(MeshProtocol.GRPC), port: 9000, reaches: [Reach.CACHE, Reach.SEARCH] },
      { name: 'reports', entrance: Entrance.none(), queue: new JobQueue(stack, 'Reports') },
      { name: 'rpc', entrance: Entrance.grpc('/shop.Rpc/*') },
    ],
    signIn: {
      pages: SignInPages.below('auth'),
      groups: [{ name: 'admin', precedence: 0, permits: ['refund'] }, { name: 'staff', permits: ['read'] }, { name: 'guest' }],
      passkeys: true,
      threatProtection: true,
      serviceClients: [{ name: 'partner', scopes: ['orders.read'] }],
      permissions: PermissionModel.byGroups(),
    },
    email: EmailSending.fromDomain(),
    searchFeed: SearchFeed.ofTables('public.products'),
    archive: {
      tables: [{ table: 'visits', by: 'created_at', olderThan: Duration.days(90), keepFor: Duration.days(730) }],
      immutable: true,
    },
    audit: {
      events: AuditedEvents.ALL,
      managementEvents: true,
      fileBackups: true,
      backupCopyVaultArn: 'arn:aws:backup:eu-central-1:210987654321:backup-vault:safe',
    },
  };
}

/** How large the stacks are, by name. */
function sizes({ stacks }: Assembly): Record<string, typeof MOST> {
  return Object.fromEntries(
    stacks.map(({ stackName, region, template }) => [
      `${stackName} in ${region}`,
      {
        resources: Object.keys(template.Resources ?? {}).length,
        // As the CLI sends them, which is how CDK writes them.
        bytes: JSON.stringify(template, undefined, 1).length,
        outputs: Object.keys(template.Outputs ?? {}).length,
      },
    ]),
  );
}

describe.each([3, 4].flatMap((stage) => Object.entries(SERVERS).map(([name, at]) => ({ stage, name, ...at }))))(
  'stage $stage with every option, $name,',
  ({ stage, server, most }) => {
    const all = sizes(stageWith(stage, { flags: AS_CLI, props: (stack) => everythingOn(stack, server) }));

    test('has room left in every stack', () => {
      const over = Object.entries(all).filter(([, { resources, bytes, outputs }]) => {
        return resources > most.resources || bytes > most.bytes || outputs > most.outputs;
      });
      expect(over).toEqual([]);
      expect(Object.keys(all).length).toBeGreaterThanOrEqual(10);
    });
  },
);
