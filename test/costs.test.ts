import { type Assembly, readAssembly } from '../lib/assembly/cloud-assembly';
import { ServiceSize } from '../lib/blocks/compute/service-size';
import { DatabaseSize } from '../lib/blocks/data/database-size';
import { ServerOption } from '../lib/stages/server-option';
import { asked, BY_USE, type CostLine, costLines, fixedCharges, fixedCost, PRICE_KEYS, price } from './costs';
import { expectSection, markdownTable, text } from './generated-section';
import { type AnyStageProps, synthStage } from './synth-stages';

const COSTS = 'docs/costs.md';

/** USD a month that the seeds give a stage. */
const BUDGETS = { stage1: 20, stage2: 400 };

/** The seeds' three application servers. */
const THREE_TASKS = { service: ServiceSize.of(512, 1024, 3, 5) };

/** A database that is busy day and night. */
const TWO_ACU = { database: DatabaseSize.of(2, 8) };

const MOVED = ServerOption.movedOut('only to add up its cost');
const RETIRED = ServerOption.retired('only to add up its cost');
const NEVER = ServerOption.never('only to add up its cost');

const known = new Map<string, Assembly>();

function product(stage: number, props: Partial<AnyStageProps> = {}): Assembly {
  const id = JSON.stringify([stage, props]);
  if (!known.has(id)) known.set(id, readAssembly(synthStage(stage, props)));
  return known.get(id)!;
}

function usd(amount: number): string {
  return amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ',');
}

function table(lines: CostLine[]): string {
  const dearestFirst = [...lines].sort((left, right) => right.usd - left.usd || left.what.localeCompare(right.what));
  const sum = lines.reduce((total, line) => total + line.usd, 0);
  const rows = dearestFirst.map(({ what, arithmetic, usd: amount }) => [what, arithmetic, usd(amount)]);
  return markdownTable(['What', 'Number × hours × price', 'USD a month'], [...rows, ['**Sum**', '', `**${usd(sum)}**`]], [2]);
}

const tableOf = (assembly: Assembly) => table(costLines(fixedCharges(assembly)));

describe('docs/costs.md', () => {
  test('has the sums that the templates and docs/prices.json give', () => {
    const rows: [string, Assembly, number?][] = [
      ['Stage 1, everything on the server', product(1), BUDGETS.stage1],
      ['Stage 1, Aurora from the first day and asleep', product(1, { server: ServerOption.withoutDatabase() })],
      ['Stage 2, the server still serves (the default after stage 1)', product(2)],
      ['Stage 2, data moved out, the server still runs', product(2, { server: MOVED })],
      ['Stage 2, the same with the three tasks of the seeds', product(2, { server: MOVED, sizes: THREE_TASKS }), BUDGETS.stage2],
      ['Stage 2, the server retired, its volume kept', product(2, { server: RETIRED })],
      ['Stage 2, never a server', product(2, { server: NEVER })],
      ['Stage 2, the same with both Aurora instances at 2 ACU all month', product(2, { server: NEVER, sizes: TWO_ACU })],
      ['Stage 3, the server retired', product(3, { server: RETIRED })],
      ['Stage 4, the server retired, four Regions', product(4, { server: RETIRED })],
    ];
    const cells = rows.map(([what, assembly, budget]) => [
      what,
      usd(fixedCost(assembly)),
      budget === undefined ? '' : `${budget}`,
    ]);
    expectSection(COSTS, 'sums', markdownTable(['Product', 'USD a month', 'Budget'], cells, [1, 2]));
  });

  test('has the arithmetic of stages 1 to 3', () => {
    expectSection(COSTS, 'stage 1', tableOf(product(1)));
    expectSection(COSTS, 'stage 2', tableOf(product(2, { server: MOVED })));
    expectSection(COSTS, 'stage 3', tableOf(product(3, { server: RETIRED })));
  });

  test('has stage 4 by Region', () => {
    const lines = costLines(fixedCharges(product(4, { server: RETIRED })));
    const regions = [...new Set(lines.map(({ region }) => region))];
    const sum = (chosen: CostLine[]) => chosen.reduce((total, line) => total + line.usd, 0);
    const kinds = new Map<string, CostLine[]>();
    for (const line of lines) kinds.set(line.what, [...(kinds.get(line.what) ?? []), line]);
    const rows = [...kinds]
      .sort(([, left], [, right]) => sum(right) - sum(left))
      .map(([what, same]) => [
        what,
        ...regions
          .map((region) => same.filter((line) => line.region === region))
          .map((cell) => (cell.length > 0 ? usd(sum(cell)) : '')),
      ]);
    const sums = regions.map((region) => `**${usd(sum(lines.filter((line) => line.region === region)))}**`);
    const numbers = regions.map((_, index) => index + 1);
    expectSection(COSTS, 'stage 4', markdownTable(['What', ...regions], [...rows, ['**Sum**', ...sums]], numbers));
  });

  test('says what the next task or capacity unit costs', () => {
    const month = (key: string, amount = 1) => price(key, 'us-east-1').price * amount * 730;
    const { cpu, memoryMiB, minTasks, maxTasks } = ServiceSize.USERS_100K;
    const task = month('fargate.arm.vcpu', cpu / 1024) + month('fargate.arm.memory', memoryMiB / 1024);
    const acu = month('aurora-postgresql.serverless-v2.standard');
    const [least, most] = [0.5, 8];
    const cluster = Object.values(product(2).stacks[0].template.Resources ?? {}).find(
      ({ Type }) => Type === 'AWS::RDS::DBCluster',
    );
    expect(cluster?.Properties?.ServerlessV2ScalingConfiguration).toMatchObject({ MinCapacity: least, MaxCapacity: most });
    expectSection(
      COSTS,
      'steps',
      markdownTable(
        ['One more of', 'USD a month', 'Least to most by itself', 'At most, USD a month more'],
        [
          ['Task of the core', usd(task), `${minTasks} to ${maxTasks}`, usd(task * (maxTasks - minTasks))],
          [
            'Aurora capacity unit (ACU), all month',
            usd(acu),
            `${2 * least} to ${2 * most}, two instances`,
            usd(acu * 2 * (most - least)),
          ],
          ['NAT gateway with its address', usd(month('vpc.nat-gateway.hour') + month('vpc.public-ipv4.in-use')), 'fixed', ''],
          ['Valkey node', usd(month('elasticache.valkey.cache.t4g.small')), 'fixed', ''],
        ],
        [1, 3],
      ),
    );
  });

  test('names what is charged for by use, with the rate where docs/prices.json has it', () => {
    const rates: [string, string][] = [
      ['Backups of the data volume, and snapshots', 'ebs.snapshot.standard'],
      ['Traffic to the internet', 'data-transfer.internet-out.0-10TB'],
      ['Traffic through a NAT gateway', 'vpc.nat-gateway.gb'],
      ['Load balancer capacity', 'elb.alb.lcu'],
      ['Aurora storage', 'aurora-postgresql.storage.standard'],
      ['Aurora I/O', 'aurora-postgresql.io.standard'],
      ['Logs written', 'cloudwatch.logs.ingest.standard'],
      ['Warehouse while queries run', 'redshift.serverless.rpu'],
    ];
    const rows = rates.map(([what, key]) => {
      const { price: rate, unit } = price(key, 'us-east-1');
      return [what, `${rate}`, unit];
    });
    expectSection(COSTS, 'rates', markdownTable(['What', 'USD', 'per'], rows, [1]));
    expectSection(
      COSTS,
      'by use',
      [...new Set(Object.values(BY_USE))]
        .sort()
        .map((what) => `- ${what}`)
        .join('\n'),
    );
  });
});

describe('the cost', () => {
  test('of stage 1 stays within the budget of the seeds', () => {
    expect(fixedCost(product(1))).toBeLessThanOrEqual(BUDGETS.stage1);
  });

  test('of stage 2 stays within the budget of the seeds, with the server and three tasks', () => {
    expect(fixedCost(product(2, { server: MOVED, sizes: THREE_TASKS }))).toBeLessThanOrEqual(BUDGETS.stage2);
  });

  test('stands in the README', () => {
    const whole = [product(1), product(2, { server: MOVED }), product(3, { server: RETIRED }), product(4, { server: RETIRED })]
      .map(fixedCost)
      .map((amount) => usd(Math.round(amount)).replace('.00', ''));
    expect(/^\| \*\*Fixed cost, USD a month\*\* .*$/m.exec(text('README.md'))?.[0]).toBe(
      `| **Fixed cost, USD a month** | ${whole.join(' | ')} |`,
    );
  });

  test('leaves out no resource in silence', () => {
    const [stack] = product(1).stacks;
    const stranger = { ...stack, template: { Resources: { Mainframe: { Type: 'AWS::Mainframe::Computer' } } } };
    expect(() => fixedCost({ directory: '', stacks: [stranger] })).toThrow(
      'Mainframe: nobody has judged what AWS::Mainframe::Computer costs: put it into test/costs.ts',
    );
  });

  test('takes no missing price for zero', () => {
    expect(() => price('ec2.t4g.small', 'eu-west-1')).toThrow('docs/prices.json has no price of ec2.t4g.small in eu-west-1');
  });

  test('counts the free allowance of an account once', () => {
    const alarm = { what: 'Alarm', terms: [{ amount: 1, key: 'cloudwatch.alarm.standard' }] };
    const lines = costLines([
      { ...alarm, region: 'us-east-1', count: 7 },
      { ...alarm, region: 'us-west-2', count: 7 },
    ]);
    expect(lines.map(({ arithmetic }) => arithmetic)).toEqual(['(7 − 7 free) × 0.1', '(7 − 3 free) × 0.1']);
    expect(lines.map((line) => line.usd.toFixed(2))).toEqual(['0.00', '0.40']);
  });

  // Last, when everything has been asked for.
  test('needs every price in docs/prices.json', () => {
    expect(PRICE_KEYS.filter((key) => !asked.has(key))).toEqual([]);
  });
});
