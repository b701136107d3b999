import type { Stack } from 'aws-cdk-lib';
import { type Assembly, readAssembly } from '../../../lib/assembly/cloud-assembly';
import { isStateful } from '../../../lib/assembly/stateful-types';
import { KNOWN_REGIONS, regionFacts } from '../../../lib/blocks/network/region-facts';
import { encryptionOf } from '../../../lib/review/facts/encryption';
import { entrancesOf } from '../../../lib/review/facts/entrances';
import { isCloudFrontList } from '../../../lib/review/facts/entrances/addresses';
import { picturesOf } from '../../../lib/review/facts/pictures';
import { stackFactsOf } from '../../../lib/review/facts/stack-facts';
import { stateOf } from '../../../lib/review/facts/state';
import { statementsOf } from '../../../lib/review/facts/statements';
import type { Place } from '../../../lib/review/places/place';
import { placesOf } from '../../../lib/review/places/places';
import type { Entrance } from '../../../lib/review/review';
import { synthStage } from '../../synth-stages';

const stages = new Map<number, Assembly>();

function stage(number: number): Assembly {
  const known = stages.get(number) ?? readAssembly(synthStage(number, (_: Stack) => ({})));
  stages.set(number, known);
  return known;
}

/** Construct path below the product, after the Region where that is another than the first. */
function at({ region, path }: Place): string {
  const below = path?.replace(/^stage\d\/Shop\/Product\//, '').replace(`${region}/`, '');
  return region === 'us-east-1' ? `${below}` : `${region}:${below}`;
}

const LISTENER = 'Application/LoadBalancer/LoadBalancer/Listener';
const BALANCER = `Application/LoadBalancer/LoadBalancer > ${LISTENER}`;
const ADMISSION = 'Application/LoadBalancer/Admission';
const CORE = 'Application/LoadBalancer/Core > Application/Service/Service/Service';
const TO_SERVICE = `${BALANCER} > ${ADMISSION}/Admitted > ${CORE}`;
/** Rules that answer by themselves: who did not come through CloudFront, and the page of a site that is down. */
const [REFUSED, PAGE] = ['Refused', 'Page'].map((rule) => `${BALANCER} > ${ADMISSION}/${rule}`);
const TO_AUTH = `${BALANCER} > ${LISTENER}/AuthTargetsActionRule > Application/LoadBalancer/AuthTargets > Application/Auth/Service/Service`;

/** The rule that takes requests, and the one that only ties the targets to the load balancer, by a path that nobody asks for. */
const API = ['Waiting', 'Rule'].map(
  (rule) => `${BALANCER} > Services/api/Route/${rule} > Services/api/Route/Targets > Services/api/Service/Service/Service`,
);

/** What a load balancer does with requests, in the order of its rules' ids. */
const STEPS_2 = [REFUSED, TO_SERVICE, PAGE];
/** From stage 3 on the firewall asks for the header, and releases shift the rules. */
const STEPS_3 = [TO_AUTH, `${BALANCER} > Application/LoadBalancer/CoreRule > ${CORE}`, ...API];

function inRegion(region: string, path: string): string {
  return path
    .split(' > ')
    .map((step) => `${region}:${step}`)
    .join(' > ');
}

function line({ kind, from, ports, path }: Entrance): string {
  return `${kind}, from ${from}, ${ports}: ${path.map(at).join(' > ')}`;
}

function entrancesAt(number: number): string[] {
  return entrancesOf(stage(number), placesOf(stage(number))).map(line);
}

const SERVER = 'instances, from anyone, tcp 443, tcp 80: Server/Group/Group/ASG';
const SITE = 'CloudFront, from anyone, tcp 80 (redirects), tcp 443, udp 443: Site/ContentDelivery/Distribution';
const FROM_CLOUDFRONT = "load balancer, from CloudFront only (anybody's distribution), tcp 443:";
const USERS = 'user pool, from anyone, who may sign up, tcp 443: Users/Pool';
const PAGES = 'sign-in pages, from anyone, tcp 443: SignInPages/Domain > Users/Pool';
const FURTHER = ['ap-southeast-1', 'eu-central-1', 'us-west-2'];

describe('what the internet can reach', () => {
  test('at stage 1 is the server', () => {
    expect(entrancesAt(1)).toEqual([SERVER]);
  });

  test('at stage 2 is CloudFront, the load balancer behind it, and the server until it retires', () => {
    expect(entrancesAt(2)).toEqual([
      ...STEPS_2.map((path) => `${SITE} > ${path}`),
      `${SITE} > Assets/Bucket`,
      ...STEPS_2.map((path) => `${FROM_CLOUDFRONT} ${path}`),
      SERVER,
    ]);
  });

  const single = [...STEPS_3.map((path) => `${FROM_CLOUDFRONT} ${path}`), SERVER, PAGES, USERS];

  test('at stage 3 is the sign-in, too', () => {
    expect(entrancesAt(3)).toEqual([...STEPS_3.map((path) => `${SITE} > ${path}`), `${SITE} > Assets/Bucket`, ...single]);
  });

  test('at stage 4 is the same in every Region, behind one CloudFront', () => {
    expect(entrancesAt(4)).toEqual([
      ...STEPS_3.map((path) => `${SITE} > ${path}`),
      ...FURTHER.flatMap((region) => STEPS_3.map((path) => `${SITE} > ${inRegion(region, path)}`)),
      `${SITE} > Assets/Bucket`,
      ...single,
      ...FURTHER.flatMap((region) => STEPS_3.map((path) => `${FROM_CLOUDFRONT} ${inRegion(region, path)}`)),
    ]);
  });

  test('stands behind a firewall from stage 3 on, and has names', () => {
    const [site] = entrancesOf(stage(3), placesOf(stage(3)));
    expect(site.guards).toEqual(
      expect.arrayContaining([
        'firewall Firewall (9 rules)',
        'firewall LoadBalancerFirewall (4 rules, refuses without header x-origin-verify)',
        'HTTPS only',
        'TLS (TLSv1.2_2021)',
        'response headers policy',
        'TLS (ELBSecurityPolicy-TLS13-1-2-2021-06)',
      ]),
    );
    const server = entrancesOf(stage(1), placesOf(stage(1)))[0];
    expect(server.names).toEqual(['shop.example.com']);
  });

  test('knows the list of CloudFront in every Region that the library knows', () => {
    const lists = KNOWN_REGIONS.map((region) => regionFacts(region)!.cloudFrontPrefixListId);
    expect(lists.length).toBeGreaterThan(5);
    expect(lists.filter((id) => !isCloudFrontList(id))).toEqual([]);
    expect(isCloudFrontList('pl-0123')).toBe(false);
  });

  test('shows a bucket that somebody opened in the template of stage 3', () => {
    const whole = structuredClone(stage(3));
    const [{ template }] = whole.stacks;
    const [id, bucket] = Object.entries(template.Resources!).find(([, { Type }]) => Type === 'AWS::S3::Bucket')!;
    bucket.Properties!.PublicAccessBlockConfiguration = { BlockPublicPolicy: false, RestrictPublicBuckets: false };
    const policy = Object.values(template.Resources!).find(
      ({ Type, Properties }) =>
        Type === 'AWS::S3::BucketPolicy' && JSON.stringify(Properties!.Bucket) === JSON.stringify({ Ref: id }),
    )!;
    const { Statement } = policy.Properties!.PolicyDocument as { Statement: unknown[] };
    Statement.push({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' });
    const added = entrancesOf(whole, placesOf(whole)).filter((entrance) => !entrancesAt(3).includes(line(entrance)));
    expect(added.map(line)).toEqual(['bucket, from anyone, tcp 443, tcp 80: s3:GetObject: Logs/Bucket']);
  });
});

describe.each([1, 2, 3, 4])('the facts of stage %i', (number) => {
  test('tell of everything that holds state, which all outlives its stack and its replacement', () => {
    const whole = stage(number);
    const state = stateOf(whole, placesOf(whole));
    const stateful = whole.stacks.flatMap(({ region, template }) =>
      Object.entries(template.Resources ?? {})
        .filter(([, resource]) => isStateful(resource.Type, resource))
        .map(([logicalId]) => `${region} ${logicalId}`),
    );
    expect(state.map(({ place }) => `${place.region} ${place.logicalId}`).sort()).toEqual(stateful.sort());
    expect(
      state.filter(
        ({ onDelete, onReplace }) => !onDelete.startsWith('kept') || onReplace !== 'the old one is kept, outside of the stack',
      ),
    ).toEqual([]);
    expect(state.filter(({ attention }) => attention !== undefined)).toEqual([]);
    expect(
      state.filter(({ holds, backup, onRegionLoss, recoveryPoint, protection }) =>
        [holds, backup, onRegionLoss, recoveryPoint, protection].includes(''),
      ),
    ).toEqual([]);
  });

  test('have a line in the template and a construct path for every row', () => {
    const whole = stage(number);
    const places = placesOf(whole);
    const rows = [
      ...entrancesOf(whole, places).flatMap(({ place, path }) => [place, ...path]),
      ...stateOf(whole, places).map(({ place }) => place),
      ...encryptionOf(whole, places).map(({ place }) => place),
      ...statementsOf(whole, places).map(({ place }) => place),
      ...picturesOf(whole, places).flatMap(({ nodes }) => nodes.map(({ place }) => place)),
    ];
    expect(rows.filter(({ path, line: at, type }) => path === undefined || at === undefined || type === '')).toEqual([]);
  });

  test('know how everything encrypts', () => {
    const whole = stage(number);
    const open = encryptionOf(whole, placesOf(whole)).filter(
      ({ atRest, inTransit, attention }) => attention !== undefined || `${atRest} ${inTransit}`.includes('deploy'),
    );
    expect(open.map(({ place, attention }) => `${at(place)}: ${attention}`)).toEqual(
      number === 1 ? ['Alarms/Topic: not encrypted at rest'] : [],
    );
  });

  test('leave room to the limits of CloudFormation', () => {
    const whole = stage(number);
    for (const { resources, templateBytes, outputs, parameters } of stackFactsOf(whole, placesOf(whole))) {
      for (const { value, limit } of [resources, templateBytes, outputs, parameters]) expect(value).toBeLessThan(0.8 * limit);
    }
  });

  test('draw pictures of a size that people can read', () => {
    const whole = stage(number);
    const pictures = picturesOf(whole, placesOf(whole));
    // A trail is no box, nor are its alarms.
    const drawn = whole.stacks.filter(({ constructPath }) => !constructPath!.endsWith('/Audit'));
    expect(pictures.map(({ stack }) => stack)).toEqual(drawn.map(({ constructPath }) => constructPath));
    for (const { nodes, edges } of pictures) {
      expect(nodes.length).toBeGreaterThanOrEqual(2);
      expect(nodes.length).toBeLessThanOrEqual(30);
      const ids = nodes.map(({ id }) => id);
      expect(edges.filter(({ from, to }) => !ids.includes(from) || !ids.includes(to))).toEqual([]);
      expect(new Set(nodes.map(({ label, kind }) => `${label} ${kind}`)).size).toBe(nodes.length);
    }
  });
});

describe('the picture of stage 3', () => {
  test('shows who reads and feeds what', () => {
    const whole = stage(3);
    const [{ nodes, edges }] = picturesOf(whole, placesOf(whole));
    const label = new Map(nodes.map((node) => [node.id, node.label]));
    const arrows = edges.map((edge) => `${label.get(edge.from)} > ${label.get(edge.to)}`);
    const drawn = nodes.map((node) => `${node.label}: ${node.kind}`);
    const expected = [
      'Firewall: firewall',
      'ContentDelivery: CloudFront distribution',
      'LoadBalancer: load balancer',
      'Server: server group',
      'Service: container service',
      'Worker: container service',
      'Auth: container service',
      'Notification: container service',
      'Jobs: queue',
      'Events Topic: topic',
      'Events Bus: event bus',
      'NotificationQueue: queue',
      'Logs: bucket',
      'Database: Aurora PostgreSQL database',
      'Cache: Valkey cache',
      'Assets: bucket',
      'Search: search',
      'SharedTable: table',
      'Warehouse: warehouse',
      'ServerVolume: disk',
      'ServerDumps Bucket: bucket',
      'ServerDumps Logs: bucket',
      'Users: user pool',
      'Idempotency: table',
      'SearchFeedFiles: bucket',
      'AuditRecords: bucket',
      // Of stacks beside it.
      'api Service: container service',
      'SearchIndexPolicies: function',
    ];
    expect(expected.filter((box) => !drawn.includes(box))).toEqual([]);
    expect(drawn.filter((box) => !expected.includes(box) && !box.endsWith('firewall'))).toEqual([]);
    expect(arrows).toEqual(
      expect.arrayContaining([
        'Firewall > ContentDelivery',
        'ContentDelivery > LoadBalancer',
        'ContentDelivery > Assets',
        'LoadBalancer > Service',
        'LoadBalancer > Auth',
        'Service > Database',
        'Service > Cache',
        'Service > Search',
        'Notification > NotificationQueue',
        'Events Topic > NotificationQueue',
        'Database > Warehouse',
        'Server > ServerVolume',
      ]),
    );
    expect(arrows.filter((arrow) => /^Users >|^Logs >|> ContentDelivery/.test(arrow))).toEqual(['Firewall > ContentDelivery']);
  });
});
