// node bench/services.mjs [--runs N]: how long stage 3 takes to synthesize with 1 to 200 services of its own, each in its stack.
// Needs the compiled library (npm run build), as the other benches do. Prints Markdown and the load of the machine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const COUNTS = [1, 25, 50, 100, 150, 200];
/** Users reach so many of them; a load balancer has 100 target groups. */
const ROUTED = 40;
const SELF = fileURLToPath(import.meta.url);

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '3' } },
  allowPositionals: true,
});
if (positionals.length > 0) await child(Number(positionals[0]));
else parent(Number(values.runs));

function parent(runs) {
  console.log(
    '| Services | Stacks | Resources | MB | Seconds, least of the runs | CPU seconds, least of the runs | CPU milliseconds a service more |',
  );
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  let before;
  for (const count of COUNTS) {
    const measured = Array.from({ length: runs }, () => synthesize(count));
    const least = Math.min(...measured.map(({ seconds }) => seconds));
    const cpu = Math.min(...measured.map((one) => one.cpu));
    const { stacks, resources, bytes } = measured[0];
    const more = before && ((1000 * (cpu - before.cpu)) / (count - before.count)).toFixed(0);
    console.log(
      `| ${count} | ${stacks} | ${resources} | ${(bytes / 1e6).toFixed(1)} | ${least.toFixed(2)} | ${cpu.toFixed(2)} | ${more ?? ''} |`,
    );
    before = { count, cpu };
  }
  const load = loadavg().map((one) => one.toFixed(1));
  console.log(`\nLoad average of the machine at the end: ${load.join(', ')}.`);
}

/** In a process of its own, with what Node.js and the CDK take to load. */
function synthesize(count) {
  const out = mkdtempSync(join(tmpdir(), 'services-'));
  try {
    const start = process.hrtime.bigint();
    const env = { ...process.env, CDK_VALIDATION: 'false', CDK_OUTDIR: out };
    const { status, stdout, stderr } = spawnSync(process.execPath, [SELF, String(count)], { env, encoding: 'utf8' });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (status !== 0) throw new Error(stderr.slice(-2000));
    const templates = readdirSync(out).filter((name) => name.endsWith('.template.json'));
    const texts = templates.map((name) => readFileSync(join(out, name), 'utf8'));
    return {
      seconds,
      // Says more than the clock where the machine has other work.
      cpu: Number(stdout.trim().split('\n').at(-1)),
      stacks: templates.length,
      resources: texts.reduce((sum, text) => sum + Object.keys(JSON.parse(text).Resources ?? {}).length, 0),
      bytes: texts.reduce((sum, text) => sum + text.length, 0),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function child(count) {
  const { App, Stack } = await import('aws-cdk-lib');
  const { Entrance, ProductImage, Reach, ServerOption, Stage3Specialized } = (await import('../lib/index.js')).default;
  const app = new App();
  const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  new Stage3Specialized(stack, 'Product', {
    image: ProductImage.fromRegistry('example/shop:1.0.0'),
    server: ServerOption.never('a bench starts with several services'),
    services: Array.from({ length: count }, (_, index) => ({
      name: `service-${index + 1}`,
      entrance: index < ROUTED ? Entrance.paths(`/service-${index + 1}/*`) : Entrance.mesh(),
      reaches: [Reach.DATABASE, Reach.CACHE, Reach.service(index > 0 ? `service-${index}` : 'core')],
    })),
  });
  app.synth();
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1e6);
}
