import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fn, Stack } from 'aws-cdk-lib';
import {
  provisioningScript,
  type ServerSettings,
  serverUserData,
  USER_DATA_LIMIT,
} from '../../../lib/blocks/compute/server-provisioning';

const SCRIPT = join(__dirname, '../../../lib/blocks/compute/provision.sh');
const SETTINGS: ServerSettings = {
  region: 'ap-southeast-1',
  urlSuffix: 'amazonaws.com',
  stackName: 'n'.repeat(128),
  signalResource: 'ProductServerGroupASG0123456789',
  volumeId: 'vol-0123456789abcdef0',
  allocationId: 'eipalloc-0123456789abcdef0',
  releaseParameter: `CFN-${'p'.repeat(80)}`,
  logGroup: 'l'.repeat(150),
  metricNamespace: 'ScaleTiers',
  domain: 'shop.example.com',
  databaseOnServer: true,
  databaseName: 'app',
};

const dir = mkdtempSync(join(tmpdir(), 'provision-'));
afterAll(() => rmSync(dir, { recursive: true }));

function has(...tools: string[]): boolean {
  const path = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return tools.every((tool) => spawnSync('bash', ['-c', `command -v ${tool}`], { env: path }).status === 0);
}

/** Runs shell code after the rendered user data, as the server would have it, with its folders in the test's. */
function shell(code: string, settings: Partial<ServerSettings> = {}) {
  const rendered = serverUserData({ ...SETTINGS, ...settings })
    .render()
    .replace('DATA=/data STATE=/run/server', `DATA=${dir} STATE=${dir}`);
  const file = join(dir, 'rendered.sh');
  writeFileSync(file, rendered);
  return spawnSync('bash', ['-c', `source ${file}\n${code}`], { encoding: 'utf8' });
}

describe('the provisioning script', () => {
  test('is valid, with and without its comments and indentation', () => {
    for (const file of [SCRIPT, join(dir, 'bare.sh')]) {
      writeFileSync(join(dir, 'bare.sh'), provisioningScript().join('\n'));
      expect(spawnSync('bash', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
  });

  (has('shellcheck') ? test : test.skip)('passes shellcheck', () => {
    expect(spawnSync('shellcheck', [SCRIPT], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });

  test('fits into the user data with long names', () => {
    expect(Buffer.byteLength(serverUserData(SETTINGS).render())).toBeLessThan(USER_DATA_LIMIT);
  });

  test('gets its settings, whatever is in them', () => {
    const domain = "it's $HOME `id`";
    expect(shell('echo "$DOMAIN|$DATABASE_ON_SERVER|$VOLUME_ID"', { domain }).stdout).toBe(
      `${domain}|true|vol-0123456789abcdef0\n`,
    );
  });

  test('gets references of CloudFormation as they are', () => {
    const userData = serverUserData({ ...SETTINGS, volumeId: Fn.ref('Volume') }).render();
    expect(JSON.stringify(new Stack().resolve(userData))).toContain(`readonly VOLUME_ID='",{"Ref":"Volume"},"'`);
  });

  test('does nothing when it is only read', () => {
    expect(shell('echo read')).toMatchObject({ status: 0, stdout: 'read\n', stderr: '' });
  });

  test('has no secret in it and traces nothing', () => {
    expect(readFileSync(SCRIPT, 'utf8')).not.toMatch(/set -[a-z]*x/);
    expect(serverUserData(SETTINGS).render()).not.toMatch(/requirepass [^$]/);
  });
});

(has('blkid', 'mkfs.ext4', 'mkswap') ? describe : describe.skip)('what the server sees on a device', () => {
  const image = join(dir, 'device');
  const poke = (at: number, bytes: string) => `printf '${bytes}' | dd of=${image} bs=1 seek=${at} conv=notrunc; `;
  const classify = (prepare: string, path = image) => {
    rmSync(image, { force: true });
    writeFileSync(image, '');
    truncateSync(image, 64 * 1024 * 1024);
    const { stdout, stderr } = shell(`{ ${prepare}\n} >/dev/null 2>&1\nclassify_volume ${path}`);
    return stdout.trim() || stderr;
  };

  test('is blank when there are only zeros', () => {
    expect(classify('true')).toBe('blank');
  });

  test('is ours when an earlier server formatted it', () => {
    expect(classify(`mkfs.ext4 -q -L server-data ${image}`)).toBe('ours');
  });

  test.each([
    ['another file system of the same kind', `mkfs.ext4 -q -L photos ${image}`],
    ['our label on another kind', `mkswap -L server-data ${image}`],
    ['a partition table', poke(450, '\\203') + poke(454, '\\0\\010\\0\\0') + poke(458, '\\0\\0\\1\\0') + poke(510, '\\125\\252')],
    ['bytes that no tool knows', poke(5_000_000, 'abc')],
    ['less than can be judged', `truncate -s 1M ${image}`],
    ['two signatures at once', `mkfs.ext4 -q -L server-data ${image} && mkswap -L server-data ${image}`],
  ])('is foreign when there is %s', (_, prepare) => {
    expect(classify(prepare)).toBe('foreign');
  });

  test('is foreign when it cannot be read', () => {
    expect(classify('true', join(dir, 'nowhere'))).toContain('foreign');
  });
});

(has('jq') ? describe : describe.skip)('a release', () => {
  /** The units of web and worker after a release. */
  const units = (release: object) => {
    writeFileSync(join(dir, 'parameter'), JSON.stringify(release));
    rmSync(join(dir, 'release'), { force: true });
    const stubs =
      `aws() { cat ${dir}/parameter; }; docker() { :; }; systemctl() { :; }; ` +
      'write_environment() { touch "$1"/web.env "$1"/worker.env; }; log() { :; }';
    expect(shell(`${stubs}; release`)).toMatchObject({ status: 0, stderr: '' });
    return ['web', 'worker'].map((name) => readFileSync(join(dir, `${name}.unit`), 'utf8'));
  };
  const release = { image: 'example/shop:1.4.2', port: 3000 };

  test('runs the containers as it says, and publishes the web alone', () => {
    const options = '--user=1000:1000 --read-only --tmpfs=/tmp:size=256m';
    expect(units({ ...release, options })).toEqual([
      `IMAGE=example/shop:1.4.2\nOPTIONS="${options} --publish 127.0.0.1:8080:3000"\n`,
      `IMAGE=example/shop:1.4.2\nOPTIONS="${options}"\n`,
    ]);
  });

  test.each([{ options: '' }, {}])('that says nothing of it leaves it to the image', (said) => {
    expect(units({ ...release, ...said })).toEqual([
      'IMAGE=example/shop:1.4.2\nOPTIONS=" --publish 127.0.0.1:8080:3000"\n',
      'IMAGE=example/shop:1.4.2\nOPTIONS=""\n',
    ]);
  });

  test('is started with these options', () => {
    expect(readFileSync(SCRIPT, 'utf8')).toContain('--env-file /run/server/%i.env $OPTIONS $IMAGE');
  });
});

(has('jq') ? describe : describe.skip)('the environment of the containers', () => {
  const write = (release: object, secret: string, settings: Partial<ServerSettings> = {}) => {
    writeFileSync(join(dir, 'release'), JSON.stringify(release));
    writeFileSync(join(dir, 'stored'), secret);
    for (const name of ['web.env', 'worker.env']) rmSync(join(dir, name), { force: true });
    return shell(`aws() { cat ${dir}/stored; }; password() { echo "secret of \${1##*/}"; }; write_environment ${dir}`, settings);
  };
  const read = (process: string) =>
    readFileSync(join(dir, `${process}.env`), 'utf8')
      .trimEnd()
      .split('\n');
  const release = {
    environment: { GREETING: 'a "b" $c=d', PORT: '3000' },
    secrets: [{ name: 'API_KEY', arn: 'arn', field: 'key' }],
  };

  test('is the release, its secrets, and what only the server knows', () => {
    expect(write(release, '{"key":"p$a\'s s=\\"w"}\n')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(read('web')).toEqual([
      'GREETING=a "b" $c=d',
      'PORT=3000',
      'API_KEY=p$a\'s s="w',
      'SHARED_CACHE_HOST=192.168.240.1',
      'CACHE_HOST=192.168.240.1',
      'CACHE_PORT=6379',
      'CACHE_TLS=false',
      'CACHE_CLUSTER_MODE=false',
      'CACHE_USER=default',
      'CACHE_PASSWORD=secret of cache-password',
      'DATABASE_WRITER_HOST=192.168.240.1',
      'DATABASE_READER_HOST=192.168.240.1',
      'DATABASE_PORT=5432',
      'DATABASE_NAME=app',
      'DATABASE_USER=app',
      'DATABASE_PASSWORD=secret of database-password',
      'DATABASE_SSL_MODE=disable',
      'PROCESS_TYPE=web',
      'AWS_REGION=ap-southeast-1',
    ]);
    expect(read('worker')).toEqual(read('web').map((line) => line.replace('=web', '=worker')));
  });

  test('names no database when that is elsewhere', () => {
    write(release, '{"key":"x"}', { databaseOnServer: false });
    expect(read('web').filter((line) => line.startsWith('DATABASE_'))).toEqual([]);
  });

  test('is refused when a secret spans lines, without printing it', () => {
    const result = write(release, '{"key":"top\\nsecret"}');
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('an environment file cannot carry values of several lines: API_KEY');
    expect(result.stderr).not.toContain('secret');
    expect(existsSync(join(dir, 'web.env'))).toBe(false);
  });
});

describe('the heartbeat', () => {
  const beat = (answers: string, settings: Partial<ServerSettings> = {}) => {
    rmSync(join(dir, 'probes'), { force: true });
    writeFileSync(join(dir, 'release'), '{"healthCheckPath":"/health"}');
    return shell(
      `findmnt() { echo none; }; resize2fs() { :; }; jq() { echo /health; }; df() { printf 'Use%%\\n 42%%\\n'; }
aws() { printf '%s\\n' "$@"; }; curl() { echo "\${@: -1}" >>${dir}/asked; return $code; }
for code in ${answers}; do heartbeat; done`,
      settings,
    );
  };

  test('asks each minute and reports each fifth time', () => {
    expect(beat('0 0 22 0').stdout).toBe('');
    const lines = beat('0 0 22 0 0').stdout.trim().split('\n');
    expect(lines).toContain('MetricName=Up,Dimensions=[{Name=Volume,Value=vol-0123456789abcdef0}],Values=[1,1,0,1,1]');
    expect(lines).toContain(
      'MetricName=DataVolumeUsed,Dimensions=[{Name=Volume,Value=vol-0123456789abcdef0}],Unit=Percent,Value=42',
    );
  });

  test.each([
    ['shop.example.com', 'https://shop.example.com/health'],
    ['', 'http://127.0.0.1/health'],
  ])("asks as a visitor of '%s' would", (domain, url) => {
    rmSync(join(dir, 'asked'), { force: true });
    beat('0', { domain });
    expect(readFileSync(join(dir, 'asked'), 'utf8').trim()).toBe(url);
  });
});
