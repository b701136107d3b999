import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fn, Stack } from 'aws-cdk-lib';
import { bootScript, machineScript } from '../../../lib/blocks/compute/server/server-scripts';
import { type ServerSettings, serverUserData, USER_DATA_LIMIT } from '../../../lib/blocks/compute/server-provisioning';
import { DOCUMENT_LIMIT } from '../../../lib/blocks/compute/server-script';

const SETTINGS: ServerSettings = {
  region: 'ap-southeast-1',
  urlSuffix: 'amazonaws.com',
  stackName: 'n'.repeat(128),
  signalResource: 'ProductServerGroupASG0123456789',
  scriptDocument: `${'n'.repeat(64)}-${'d'.repeat(50)}`,
  scriptSha256: machineScript().sha256,
  volumeId: 'vol-0123456789abcdef0',
  allocationId: 'eipalloc-0123456789abcdef0',
  releaseParameter: `CFN-${'p'.repeat(80)}`,
  logGroup: 'l'.repeat(150),
  metricNamespace: 'ScaleTiers',
  dumpBucket: 'b'.repeat(63),
  domain: 'shop.example.com',
  acmeDirectory: 'https://acme-v02.api.letsencrypt.org/directory',
  databaseOnServer: true,
  databaseName: 'app',
};

const dir = mkdtempSync(join(tmpdir(), 'provision-'));
afterAll(() => rmSync(dir, { recursive: true }));

function has(...tools: string[]): boolean {
  const path = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return tools.every((tool) => spawnSync('bash', ['-c', `command -v ${tool}`], { env: path }).status === 0);
}

/** Writes both halves as the machine has them, with its folders in the test's. */
function write(settings: Partial<ServerSettings> = {}): { readonly boot: string; readonly server: string } {
  const [boot, server] = [join(dir, 'boot.sh'), join(dir, 'server.sh')];
  const userData = serverUserData({ ...SETTINGS, ...settings }).render();
  // Its first line is cloud-init's, which takes it away.
  writeFileSync(boot, userData.replace('#cloud-boothook\n', ''));
  writeFileSync(
    join(dir, 'settings'),
    userData.slice(0, userData.indexOf('# END OF SETTINGS')).replace(/^(?!readonly).*\n/gm, ''),
  );
  const script = `${machineScript().lines.join('\n')}\n`
    .replace('/etc/server/settings', `${dir}/settings`)
    .replace('DATA=/data STATE=/run/server', `DATA=${dir} STATE=${dir}`)
    .replaceAll('/etc/nginx/', `${dir}/nginx/`)
    .replaceAll('/var/lib/server/', `${dir}/noted/`);
  writeFileSync(server, script);
  return { boot, server };
}

/** Runs shell code after the machine's script. */
function shell(code: string, settings: Partial<ServerSettings> = {}) {
  return spawnSync('bash', ['-c', `source ${write(settings).server}\n${code}`], { encoding: 'utf8' });
}

describe('the provisioning script', () => {
  test('is valid shell, in the user data and in its document', () => {
    for (const file of Object.values(write())) {
      expect(spawnSync('bash', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
  });

  (has('shellcheck') ? test : test.skip)('passes shellcheck, both halves', () => {
    for (const file of Object.values(write())) {
      // SC2034: each half leaves some settings to the other.
      const options = ['--exclude=SC2034', file];
      expect(spawnSync('shellcheck', options, { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
    }
  });

  test('fits into the user data with long names, and its second half into a document', () => {
    expect(Buffer.byteLength(serverUserData(SETTINGS).render())).toBeLessThan(USER_DATA_LIMIT);
    // As JSON in JSON, which is how CloudFormation may hand it on.
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(machineScript().lines)))).toBeLessThan(DOCUMENT_LIMIT);
  });

  test('holds nothing that Systems Manager would take for a parameter of the document', () => {
    expect(machineScript().lines.filter((line) => line.includes('{{'))).toEqual([]);
  });

  test('is not doubled: what both halves need stands in one file', () => {
    const functions = (lines: string[]) => lines.flatMap((line) => /^([a-z_]+)\(\)/.exec(line)?.[1] ?? []);
    expect(functions(machineScript().lines).filter((name) => functions(bootScript()).includes(name))).toEqual([
      'log',
      'die',
      'installed',
      'packages',
      'agent',
      'put',
      'changed',
    ]);
    const all = functions(machineScript().lines);
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
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

  test('is run by cloud-init at every start, for a plain script would not be run again after a power cut in the middle', () => {
    expect(serverUserData(SETTINGS).render()).toMatch(/^#cloud-boothook\n#!\/bin\/bash\n/);
  });

  test('has no secret in it and traces nothing', () => {
    const text = [...bootScript(), ...machineScript().lines].join('\n');
    expect(text).not.toMatch(/set -[a-z]*x/);
    expect(text).not.toMatch(/requirepass [^$]/);
  });
});

(has('jq', 'sha256sum') ? describe : describe.skip)('the way of the script to the machine', () => {
  /** Runs code of the first half, with a document that holds these lines. */
  const boot = (code: string, lines: string[], settings: Partial<ServerSettings> = {}) => {
    const text = JSON.stringify({ mainSteps: [{ inputs: { runCommand: lines } }] });
    writeFileSync(join(dir, 'document'), text);
    const { boot: file } = write(settings);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/usr/local/sbin/', `${dir}/sbin/`));
    spawnSync('mkdir', ['-p', join(dir, 'sbin')]);
    return spawnSync('bash', ['-c', `source ${file}\naws() { cat ${dir}/document; }\n${code}`], { encoding: 'utf8' });
  };
  const installed = join(dir, 'sbin/server');
  beforeEach(() => rmSync(installed, { force: true }));

  test('is by its document, byte for byte', () => {
    const { lines } = machineScript();
    expect(boot('fetch', lines)).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(installed, 'utf8')).toBe(`${lines.join('\n')}\n`);
  });

  test('ends where the document holds another', () => {
    const result = boot('fetch', [...machineScript().lines, 'reboot']);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('does not hold the script that this machine was started for: it is not run');
    expect(existsSync(installed)).toBe(false);
  });

  test('is gone once: one that is there and right is not fetched again', () => {
    boot('fetch', machineScript().lines);
    expect(boot('is_right "$SERVER" || echo fetched', []).stdout).toBe('');
    writeFileSync(installed, 'half');
    expect(boot('is_right "$SERVER" || echo fetched', []).stdout).toBe('fetched\n');
  });

  test('leaves the settings for it, and nothing else of the user data', () => {
    const code = `setup_settings() { sed '/^# END OF SETTINGS$/,$d' ${dir}/boot.sh | grep ^readonly; }; setup_settings`;
    const lines = boot(code, []).stdout.trim().split('\n');
    expect(lines).toHaveLength(Object.keys(SETTINGS).length);
    expect(lines.every((line) => /^readonly [A-Z0-9_]+='/.test(line))).toBe(true);
  });
});

describe('a file of the server', () => {
  const file = join(dir, 'some.conf');
  const put = (text: string) =>
    shell(`printf '${text}' | { put ${file}; changed '${dir}/*' && echo written || echo left; }`).stdout.trim();

  test('is written once, and again only when it says something else or was changed', () => {
    expect(put('a')).toBe('written');
    expect(put('a')).toBe('left');
    expect(put('b')).toBe('written');
    writeFileSync(file, 'by hand');
    expect(put('b')).toBe('written');
    expect(readFileSync(file, 'utf8')).toBe('b');
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
    ['two signatures at once', `mkfs.ext4 -q -L server-data ${image} && mkswap -L server-data ${image}`],
  ])('is foreign when there is %s', (_, prepare) => {
    expect(classify(prepare)).toBe('foreign');
  });

  test.each([
    ['there are bytes that no tool knows', poke(5_000_000, 'abc')],
    ['there is less than can be judged', `truncate -s 1M ${image}`],
  ])('is unsigned when %s', (_, prepare) => {
    expect(classify(prepare)).toBe('unsigned');
  });

  const prepare = (before: string) => {
    const result = shell(
      `{ ${before}\n} >/dev/null 2>&1\nprepare_volume ${image} && blkid --probe --match-tag LABEL --output value ${image}`,
    );
    return result.stdout.trim() || result.stderr.replace(/^\S+ /, '').trim();
  };
  const note = (volume: string) => `mkdir -p ${dir}/noted; echo ${volume} >${dir}/noted/formatting; `;
  const bytes = `truncate -s 0 ${image}; truncate -s 64M ${image}; ${poke(5_000_000, 'abc')}`;
  const REFUSED = 'vol-0123456789abcdef0 holds something this server did not write: it is left untouched';

  test('is formatted when it is blank, and the note that this machine began to is taken back', () => {
    expect(prepare(`truncate -s 0 ${image}; truncate -s 64M ${image}`)).toBe('server-data');
    expect(existsSync(join(dir, 'noted/formatting'))).toBe(false);
  });

  test('is formatted again when this machine began to and was stopped, and only then', () => {
    expect(prepare(bytes)).toBe(REFUSED);
    expect(prepare(note('vol-0123456789abcdef1') + bytes)).toBe(REFUSED);
    expect(prepare(note('vol-0123456789abcdef0') + bytes)).toBe('server-data');
  });

  test('is never formatted when it has a signature, whatever the note says', () => {
    expect(prepare(`${note('vol-0123456789abcdef0')}mkfs.ext4 -q -F -L photos ${image}`)).toBe(REFUSED);
    expect(prepare(`mkfs.ext4 -q -F -L server-data ${image}`)).toBe('server-data');
  });

  test('is foreign when it cannot be read', () => {
    expect(classify('true', join(dir, 'nowhere'))).toContain('foreign');
  });
});

(has('jq', 'curl') ? describe : describe.skip)('a release', () => {
  const GOOD = { image: 'example/shop:1.0.0', port: 3000, healthCheckPath: '/health' };
  const NEXT = { image: 'example/shop:2.0.0', port: 3000, healthCheckPath: '/health' };

  const PORTS = { a: 8080, b: 8081 };
  const file = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '');
  const said = () => file('said').trimEnd().split('\n');

  /** A machine on which `running` answers in slot a (or nothing), and the parameter says `wanted`. */
  const machine = (running: object | undefined, wanted: object) => {
    for (const name of ['release', 'refused', 'good-release', 'said', 'web-a.unit', 'web-b.unit'])
      rmSync(join(dir, name), { force: true });
    spawnSync('mkdir', ['-p', join(dir, 'nginx/server')]);
    writeFileSync(join(dir, 'nginx/server/upstream.conf'), 'server 127.0.0.1:8080;\n');
    writeFileSync(join(dir, 'active'), running ? 'web@a\nworker\n' : '');
    writeFileSync(join(dir, 'parameter'), JSON.stringify(wanted));
    if (!running) return;
    writeFileSync(join(dir, 'release'), JSON.stringify(running));
    writeFileSync(join(dir, 'good-release'), JSON.stringify(running));
  };

  /** Runs a subcommand with doubles: `sick` images never answer their health check. */
  const run = (command: string, sick = 'none') =>
    shell(
      `aws() { case "$2" in get-parameter) cat ${dir}/parameter ;; put-parameter) printf '%s\\n' "$6" >${dir}/parameter ;; esac; }
docker() { :; }; nginx() { :; }; chown() { :; }; sleep() { SECONDS=$((SECONDS + 30)); }; password() { echo x; }
systemctl() {
  echo "$*" >>${dir}/said
  case "$*" in
    "--quiet is-active "*) grep -qx "$3" ${dir}/active ;;
    "restart "*) echo "$2" >>${dir}/active ;;
    "stop "*) sed -i "\\|^$2$|d" ${dir}/active ;;
  esac
}
curl() { local slot=a; [[ "$*" != *:8081/* ]] || slot=b; ! grep -q 'IMAGE=${sick}$' ${dir}/web-$slot.unit; }
write_environment() { touch "$1"/web.env "$1"/worker.env; }
${command}`,
    );

  test('starts beside the one that serves, and takes its place when it is healthy', () => {
    machine(GOOD, NEXT);
    expect(run('release')).toMatchObject({ status: 0 });
    expect(said().filter((line) => /^(restart|stop|reload)/.test(line))).toEqual([
      'restart web@b',
      'reload nginx',
      'restart worker',
      'stop web@a',
    ]);
    expect(file('nginx/server/upstream.conf')).toContain(`server 127.0.0.1:${PORTS.b};`);
    expect(JSON.parse(file('release'))).toEqual(NEXT);
    expect(JSON.parse(file('good-release'))).toEqual(NEXT);
  });

  test('that is not healthy is refused: the one before goes on, and nobody notices', () => {
    machine(GOOD, NEXT);
    const refused = run('release', NEXT.image);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('REFUSED: example/shop:2.0.0 did not answer its health check within 120 seconds');
    expect(said().filter((line) => /^(restart|stop|reload)/.test(line))).toEqual(['restart web@b', 'stop web@b']);
    expect(file('nginx/server/upstream.conf')).toContain(`server 127.0.0.1:${PORTS.a};`);
    expect(JSON.parse(file('release'))).toEqual(GOOD);
  });

  test('that was refused is not tried again, unless the parameter says something else or a person forces it', () => {
    machine(GOOD, NEXT);
    run('release', NEXT.image);
    rmSync(join(dir, 'said'));
    expect(run('release', NEXT.image)).toMatchObject({ status: 0, stderr: '' });
    expect(file('said')).not.toContain('restart');
    expect(run('release --force').status).toBe(0);
    expect(JSON.parse(file('release'))).toEqual(NEXT);
  });

  test('that is not healthy after a start of the machine gives way to the last good one', () => {
    machine(undefined, NEXT);
    writeFileSync(join(dir, 'good-release'), JSON.stringify(GOOD));
    expect(run('release', NEXT.image).status).toBe(2);
    expect(JSON.parse(file('release'))).toEqual(GOOD);
    expect(file('nginx/server/upstream.conf')).toContain(`server 127.0.0.1:${PORTS.b};`);
  });

  test('that is the first of all is left running, however slow it starts', () => {
    machine(undefined, NEXT);
    const first = run('release', NEXT.image);
    expect(first.status).toBe(0);
    expect(first.stderr).toContain('does not answer its health check yet, and there is no other');
    expect(JSON.parse(file('release'))).toEqual(NEXT);
    expect(file('good-release')).toBe('');
  });

  test('that says nothing new leaves everything alone', () => {
    machine(NEXT, NEXT);
    expect(run('release')).toMatchObject({ status: 0, stderr: '' });
    expect(file('said')).not.toMatch(/restart|reload/);
  });

  test.each([
    ['--user=1000:1000 --read-only --tmpfs=/tmp:size=256m', '--user=1000:1000 --read-only --tmpfs=/tmp:size=256m'],
    ['', ''],
    [undefined, ''],
  ])('runs the containers with the options it names (%s), and publishes the web alone, to this machine', (options, ran) => {
    machine(undefined, { ...NEXT, options });
    run('release');
    expect(file('web-b.unit')).toBe(`IMAGE=example/shop:2.0.0\nOPTIONS="${ran} --publish 127.0.0.1:8081:3000"\n`);
    expect(file('worker.unit')).toBe(`IMAGE=example/shop:2.0.0\nOPTIONS="${ran}"\n`);
    const units = machineScript().lines.join('\n');
    for (const name of ['web-%i', 'worker']) expect(units).toContain(`--env-file /run/server/${name}.env $OPTIONS $IMAGE`);
  });

  test('waits while the data is being moved', () => {
    machine(GOOD, NEXT);
    writeFileSync(join(dir, 'database-hold'), '');
    expect(run('release --force')).toMatchObject({ status: 0, stderr: expect.stringContaining('the containers stay stopped') });
    expect(said().join('')).toBe('');
    expect(run('deploy example/shop:2.0.0').stderr).toContain('is not deployed while the data is being moved: do it afterwards');
    expect(JSON.parse(file('parameter'))).toEqual(NEXT);
    rmSync(join(dir, 'database-hold'));
    expect(run('release')).toMatchObject({ status: 0 });
    expect(JSON.parse(file('release'))).toEqual(NEXT);
  });

  test('is deployed by its image alone, and the former is put back when it is not healthy', () => {
    machine(GOOD, GOOD);
    expect(run(`deploy 'x; reboot'`).stderr).toContain('usage: server deploy IMAGE');
    const failed = run('deploy example/shop:2.0.0', 'example/shop:2.0.0');
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('example/shop:2.0.0 was not deployed: the release before it runs');
    expect(JSON.parse(file('parameter'))).toEqual(GOOD);
    expect(JSON.parse(file('release'))).toEqual(GOOD);
    expect(run('deploy example/shop:2.0.0').stderr).toContain('deployed example/shop:2.0.0');
    expect(JSON.parse(file('parameter'))).toEqual(NEXT);
    expect(JSON.parse(file('release'))).toEqual(NEXT);
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
      'DATABASE_REPORTING_HOST=192.168.240.1',
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

  test('names the new database and cache once the data has moved', () => {
    const moved = {
      database: { writerHost: 'writer', readerHost: 'reader', port: '5432', name: 'app', sslMode: 'require', secretArn: 'one' },
      cache: { host: 'valkey', port: '6379', tls: 'true', clusterMode: 'true', secretArn: 'two' },
    };
    writeFileSync(join(dir, 'database-moved'), JSON.stringify(moved));
    const stayed = (name: string) => /^(DATABASE|CACHE|SHARED_CACHE)_/.test(name);
    write(release, '{"key":"x"}');
    const before = read('web');
    expect(write(release, '{"key":"x","username":"app","password":"p=\\"w q"}')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    });
    rmSync(join(dir, 'database-moved'));
    expect(read('web').filter(stayed).sort()).toEqual([
      'CACHE_CLUSTER_MODE=true',
      'CACHE_HOST=valkey',
      'CACHE_PASSWORD=p="w q',
      'CACHE_PORT=6379',
      'CACHE_TLS=true',
      'CACHE_USER=app',
      'DATABASE_NAME=app',
      'DATABASE_PASSWORD=p="w q',
      'DATABASE_PORT=5432',
      'DATABASE_READER_HOST=reader',
      'DATABASE_REPORTING_HOST=reader',
      'DATABASE_SSL_MODE=require',
      'DATABASE_USER=app',
      'DATABASE_WRITER_HOST=writer',
      'SHARED_CACHE_HOST=valkey',
    ]);
    expect(read('web').length).toBe(before.length);
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

(has('jq') ? describe : describe.skip)('what the server measures', () => {
  const measure = (code: string, settings: Partial<ServerSettings> = {}) => {
    const { stdout, stderr, status } = shell(code, settings);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return stdout.trim();
  };
  const line = (at: number, seconds: number, rest: object = {}) =>
    JSON.stringify({ at, status: 200, request_time: seconds, upstream: '127.0.0.1:8080', agent: 'Mozilla/5.0', ...rest });

  test('is the time of 95 of 100 requests of the last five minutes, over a rotation of the log', () => {
    const now = Date.now() / 1000;
    const requests = Array.from({ length: 100 }, (_, index) => line(now - 10, (100 - index) / 100));
    writeFileSync(join(dir, 'access.log.1'), `${[line(now - 400, 60), ...requests.slice(0, 40)].join('\n')}\nnot json\n`);
    const others = [
      line(now, 50, { agent: 'server-heartbeat' }),
      line(now, 50, { upstream: '' }),
      line(now, 50, { status: 101 }),
    ];
    writeFileSync(join(dir, 'access.log'), `${[...requests.slice(40), ...others].join('\n')}\n`);
    expect(measure(`response_time ${dir}/access.log`)).toBe('0.95');
  });

  test('is no time when nobody asked', () => {
    expect(measure(`response_time ${dir}/nowhere.log`)).toBe('');
  });

  test('is the fuller of the two disks, by space or files', () => {
    expect(measure(`df() { printf 'Use%% IUse%%\\n 42%%   7%%\\n  9%%  61%%\\n'; }; disk_used`)).toBe('61');
    expect(measure(`df() { printf 'Use%% IUse%%\\n100%%   -\\n  9%%  61%%\\n'; }; disk_used`)).toBe('100');
  });

  test('is the share of all processors that the database used since the last time', () => {
    rmSync(join(dir, 'database-cpu'), { force: true });
    const at = (seconds: number, used: string) =>
      measure(`date() { echo ${seconds}000000000; }; nproc() { echo 2; }; systemctl() { echo ${used}; }; database_cpu`);
    expect(at(100, '5000000000')).toBe('');
    expect(at(400, '305000000000')).toBe('50.0');
    expect(at(700, '1000000000')).toBe('');
    expect(at(1000, "'[not set]'")).toBe('');
    expect(at(1000, '61000000000')).toBe('10.0');
  });

  test('is the age of the last dump, and nothing as long as there was none', () => {
    rmSync(join(dir, 'last-dump'), { force: true });
    expect(measure('backup_age')).toBe('');
    writeFileSync(join(dir, 'last-dump'), '100000\n');
    expect(measure('date() { echo 193600; }; backup_age')).toBe('26.00');
  });

  test('is no certificate without a domain, and 0 days while there is none', () => {
    expect(measure('certificate_days', { domain: '' })).toBe('');
    expect(measure('certificate_days')).toBe('0');
  });

  test('is the memory that nobody could have', () => {
    expect(Number(measure('memory_used'))).toBeGreaterThan(1);
    expect(Number(measure('memory_used'))).toBeLessThan(100);
  });
});

(has('jq', 'tee') ? describe : describe.skip)('a dump', () => {
  const bucket = join(dir, 'bucket');
  /** A bucket in a folder, a database that prints a line, and pg_restore that lists what has one. */
  const dump = (more = '') => {
    rmSync(bucket, { recursive: true, force: true });
    return shell(
      `aws() {
  local key="\${*: -1}"
  case "$1 $2" in
    "s3 cp")
      if [[ $4 == - ]]; then key=\${5#s3://*/}; mkdir -p "${bucket}/\${key%/*}"; cat >"${bucket}/$key"; else key=\${4#s3://*/}; cat "${bucket}/$key"; fi ;;
    "s3api head-object") wc -c <"${bucket}/$6" ;;
  esac
}
sync() { :; }
as_postgres() { echo "rows of $1"; }
cache_cli() { echo keys; }
pg_restore() { grep -q 'rows of pg_dump' && echo '; TOC Entries: 12'; }
${more}
dump`,
    );
  };
  const stored = () =>
    spawnSync('sh', ['-c', `cd ${bucket}/dumps/* && ls`], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');

  test('is what the database, its roles and the cache say, with their checksums, and is noted on the volume', () => {
    rmSync(join(dir, 'last-dump'), { force: true });
    expect(dump()).toMatchObject({ status: 0, stdout: '' });
    expect(stored()).toEqual(['cache.rdb', 'complete.json', 'database.dump', 'roles.sql']);
    const complete = JSON.parse(spawnSync('sh', ['-c', `cat ${bucket}/dumps/*/complete.json`], { encoding: 'utf8' }).stdout);
    expect(complete).toMatchObject({ database: 'app', parts: { 'cache.rdb': { bytes: 5 }, 'database.dump': { bytes: 16 } } });
    expect(complete.parts['cache.rdb'].sha256).toBe(createHash('sha256').update('keys\n').digest('hex'));
    expect(existsSync(join(dir, 'last-dump'))).toBe(true);
  });

  test.each([
    ['comes back otherwise', `sha256sum() { command sha256sum | sed "s/^./$(date +%N | tail -c 2 | head -c 1)$RANDOM/"; }`],
    ['has no table of contents', `pg_restore() { cat >/dev/null; echo '; TOC Entries: 0'; }`],
    ['cannot be listed', 'pg_restore() { return 1; }'],
    ['could not be read from the database', 'as_postgres() { echo half; return 1; }'],
    ['could not be stored', 'aws() { cat >/dev/null; return 1; }'],
  ])('does not count when it %s', (_, fault) => {
    rmSync(join(dir, 'last-dump'), { force: true });
    const result = dump(fault);
    expect(result.status).not.toBe(0);
    expect(existsSync(join(dir, 'last-dump'))).toBe(false);
    expect(stored()).not.toContain('complete.json');
  });
});

describe('the heartbeat', () => {
  const beat = (answers: string, settings: Partial<ServerSettings> = {}) => {
    rmSync(join(dir, 'probes'), { force: true });
    writeFileSync(join(dir, 'release'), '{"healthCheckPath":"/health"}');
    return shell(
      `findmnt() { echo none; }; resize2fs() { :; }; jq() { echo /health; }; df() { printf 'Use%% IUse%%\\n 42%% 7%%\\n'; }; response_time() { echo 0.2; }; memory_used() { return 1; }; database_cpu() { :; }
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
    expect(lines).toContain(
      'MetricName=ResponseTime,Dimensions=[{Name=Volume,Value=vol-0123456789abcdef0}],Unit=Seconds,Value=0.2',
    );
    // What cannot be measured, or has nothing to say, does not silence the rest.
    expect(lines.filter((line) => /MemoryUsed|DatabaseCpu/.test(line))).toEqual([]);
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
