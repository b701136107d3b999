import { spawnSync } from 'node:child_process';
import { baseRoot, missing, seconds } from './base-root';
import { type Machine, sleep, World, waitFor } from './guest';
import { answers, ask, fingerprint, redis, sql, state } from './observe';
import { rehearse, teller } from './rehearse';
import { DOMAIN, SECRET, Shop } from './shop';

/** Rows that a full scan and an order tell apart. */
const FINGERPRINT_OF_ROWS = "SELECT count(*) || ' ' || md5(string_agg(note::text, '|' ORDER BY id)) FROM note";

let world: World;
let machine: Machine;
let shop: Shop;
const kept: { rows?: string; certificate?: string; password?: string; users?: string } = {};

const say = teller('server');

beforeAll(() => {
  const lack = missing();
  if (lack) throw new Error(lack);
  shop = new Shop();
  world = new World(baseRoot(say), DOMAIN);
  shop.deployInto(world);
});

afterAll(() => world?.dispose());

/** Waits for the end of a first run, then does at once what the timers do within one and five minutes. */
function firstRun(): void {
  waitFor('the server to be ready', 300, () => machine.log().includes('the server is ready'));
  machine.sh('systemctl start server-release');
  machine.sh('systemctl start server-certificate');
}

rehearse(
  () => machine,
  'the first run makes a blank machine and a blank volume into a site with TLS',
  () => {
    const begin = Date.now();
    machine = world.newMachine(shop.userData).boot();
    machine.background('exec python3 /rehearsal/doubles/watch.py');
    firstRun();
    waitFor('the site', 120, () => answers(machine));
    say(`a blank root and a blank volume answer over TLS ${seconds(begin)} after power-on`);

    expect(ask(machine, '/')).toMatchObject({ status: 200, body: 'shop:1' });
    expect(machine.sh(`openssl x509 -noout -issuer -ext subjectAltName -in /etc/letsencrypt/live/server/cert.pem`)).toMatch(
      /issuer=CN = Pebble[\s\S]*DNS:shop\.example\.com/,
    );
    kept.certificate = fingerprint(machine);
    expect(ask(machine, '/any?x=1', '', 'http')).toMatchObject({
      status: 301,
      headers: { location: `https://${DOMAIN}/any?x=1` },
    });
    expect(machine.run(`curl -sk --resolve other.example.com:443:127.0.0.1 https://other.example.com/`).status).not.toBe(0);
  },
);

rehearse(
  () => machine,
  'it adds security headers, compresses, and names no version',
  () => {
    const { headers } = ask(machine, '/');
    expect(headers).toMatchObject({
      'strict-transport-security': expect.stringMatching(/^max-age=31536000/),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'strict-origin-when-cross-origin',
      server: 'nginx',
    });
    expect(ask(machine, '/big', '-H "Accept-Encoding: gzip"').headers).toMatchObject({ 'content-encoding': 'gzip' });
    const seen = JSON.parse(ask(machine, '/headers').body);
    expect(seen).toMatchObject({
      host: DOMAIN,
      'x-forwarded-proto': 'https',
      'x-forwarded-for': expect.stringMatching(/^[\d.]+$/),
    });
    say('security headers, gzip, redirect to HTTPS, forwarded host and scheme; another name gets no handshake');
  },
);

rehearse(
  () => machine,
  'the containers get the app contract and nothing else',
  () => {
    const { PATH, PWD, LC_CTYPE, ...environment } = JSON.parse(ask(machine, '/env').body);
    const release = JSON.parse(world.get('parameters')[shop.releaseParameter]);
    const cache = ['HOST', 'PORT', 'TLS', 'CLUSTER_MODE', 'USER', 'PASSWORD'].map((name) => `CACHE_${name}`);
    const database = ['WRITER_HOST', 'READER_HOST', 'REPORTING_HOST', 'PORT', 'NAME', 'USER', 'PASSWORD', 'SSL_MODE'].map(
      (name) => `DATABASE_${name}`,
    );
    const own = ['PROCESS_TYPE', 'AWS_REGION', 'SHARED_CACHE_HOST', SECRET.name];
    expect(Object.keys(environment).sort()).toEqual([...Object.keys(release.environment), ...cache, ...database, ...own].sort());
    expect(environment).toMatchObject({ ...release.environment, PROCESS_TYPE: 'web', [SECRET.name]: SECRET.value });
    expect(sql(machine, 'SELECT current_user || current_database()')).toBe('appapp');
    expect(redis(machine, 'PING')).toBe('+PONG');
    expect(machine.sh('docker ps --format "{{.Names}} {{.Image}}"')).toContain('worker shop:1');
    expect(machine.sh('tail -1 /var/log/server/worker.log')).toBe('worker at work');
    kept.password = environment.DATABASE_PASSWORD;
    say(
      `${Object.keys(environment).length} variables, exactly the contract's; PostgreSQL and Redis answer with them; the worker runs`,
    );

    const secrets = [environment.DATABASE_PASSWORD, environment.CACHE_PASSWORD, SECRET.value];
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(15);
    expect(secrets.filter((secret) => shop.userData.includes(secret))).toEqual([]);
    // The secrets come by standard input: a search must not find itself among the command lines.
    const holding = (files: string) =>
      machine
        .run(
          `journalctl --no-pager >/run/journal; cat >/run/secrets; ${files} | xargs -0r grep -lF -f /run/secrets`,
          secrets.join('\n'),
        )
        .stdout.trim();
    const quiet =
      '/rehearsal/cloud/commands /rehearsal/cloud/calls.jsonl /run/journal /var/log /var/lib/cloud /var/lib/server /etc/systemd /etc/nginx /etc/server /usr/local';
    expect(holding(`find ${quiet} -type f -print0`)).toBe('');
    expect(
      holding(
        "find / -xdev -type f -perm /o=r -newermt '-1 hour' -size -1M -not -path '/proc/*' -not -path '/rehearsal/*' -print0",
      ),
    ).toBe('');
    // And the search does find what is there.
    expect(holding('printf "/data/database-password\\0/etc/redis/server.conf\\0"').split('\n')).toEqual([
      '/data/database-password',
      '/etc/redis/server.conf',
    ]);
    const commands = Number(machine.sh('wc -l </rehearsal/cloud/commands'));
    expect(commands).toBeGreaterThan(100);
    say(`no secret in user data, journal, logs, units, readable files, or the command lines of ${commands} processes`);
  },
);

rehearse(
  () => machine,
  'it is registered, keeps an append-only file, and updates itself',
  () => {
    const calls = world
      .calls()
      .filter(({ call }) => call)
      .map(({ call }) => call.slice(0, 2).join(' '));
    expect(calls).toEqual(
      expect.arrayContaining(['ec2 attach-volume', 'ec2 associate-address', 'cloudformation signal-resource']),
    );
    expect(world.calls().filter(({ refused }) => refused)).toEqual([]);
    expect(machine.sh('REDISCLI_AUTH=$(cat /data/cache-password) redis-cli CONFIG GET appendonly | tail -1')).toBe('yes');
    expect(machine.sh('apt-config dump APT::Periodic::Unattended-Upgrade')).toContain('"1"');
    expect(
      machine
        .sh('systemctl is-active apt-daily-upgrade.timer certbot.timer server-release.timer server-heartbeat.timer')
        .split('\n'),
    ).toEqual(Array(4).fill('active'));
    expect(sql(machine, 'CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)')).toBe('');
    expect(sql(machine, 'INSERT INTO note (text) SELECT md5(n::text) FROM generate_series(1, 5000) n')).toBe('');
    expect(redis(machine, 'SET session:1 alice')).toBe('+OK');
    kept.rows = sql(machine, FINGERPRINT_OF_ROWS);
    expect(kept.rows).toMatch(/^5000 /);
  },
);

rehearse(
  () => machine,
  'a second provisioning changes nothing and restarts nothing',
  () => {
    const before = state(machine);
    const begin = Date.now();
    machine.sh('systemctl restart server-provision');
    machine.sh('systemctl start server-release');
    const after = state(machine);
    expect(after.filter((line) => !before.includes(line))).toEqual([]);
    expect(before.filter((line) => !after.includes(line))).toEqual([]);
    say(`provisioned again in ${seconds(begin)}: ${before.length} facts of files and services are the same`);
  },
);

rehearse(
  () => machine,
  'after a reboot it comes back alone',
  () => {
    machine.powerOff();
    const begin = Date.now();
    machine.boot();
    waitFor('the site to come back', 300, () => answers(machine), 500);
    expect(sql(machine, FINGERPRINT_OF_ROWS)).toBe(kept.rows);
    expect(redis(machine, 'GET session:1')).toBe('alice');
    expect(fingerprint(machine)).toBe(kept.certificate);
    say(`after a reboot the site answers again in ${seconds(begin)}, without a hand`);
  },
);

rehearse(
  () => machine,
  'a deploy drops no request, and an image that is not healthy never gets one',
  () => {
    // After the reboot the release of before is started anew, and that may still be under way.
    machine.sh('systemctl start server-release');
    visit('stop');
    visit('start');
    const begin = Date.now();
    machine.sh('server deploy shop:2');
    say(`deployed a new image in ${seconds(begin)}`);
    sleep(1000);
    const switched = visit('stop');
    expect(switched.other).toEqual([]);
    expect(switched.count['shop:1']).toBeGreaterThan(5);
    expect(switched.count['shop:2']).toBeGreaterThan(5);
    expect(machine.sh('docker ps --format "{{.Image}}"').split('\n')).toEqual(['shop:2', 'shop:2']);
    say(
      `${switched.total} requests during the switch, ${switched.slow} of them slow ones: every one answered, first by shop:1, then by shop:2`,
    );

    // Two minutes of patience are for slow products; it is shortened in the copy that this machine has.
    machine.sh(
      "sed -i 's/^HEALTH_SECONDS=120$/HEALTH_SECONDS=8/' /usr/local/sbin/server && grep -qx HEALTH_SECONDS=8 /usr/local/sbin/server",
    );
    for (const image of ['shop:sick', 'shop:crash', 'shop:absent']) {
      visit('start');
      const { status } = machine.run(`server deploy ${image} 2>>/var/log/server/server.log`);
      const kept = visit('stop');
      expect(status).not.toBe(0);
      expect(kept.other).toEqual([]);
      expect(Object.keys(kept.count)).toEqual(['shop:2']);
      expect(JSON.parse(world.get('parameters')[shop.releaseParameter]).image).toBe('shop:2');
      expect(machine.log().trim().split('\n').at(-1)).toMatch(new RegExp(`${image} was not deployed`));
      say(
        `${image}: the deploy fails and says so; ${kept.total} requests meanwhile, all answered by shop:2; the release parameter is as before`,
      );
    }
    expect(machine.sh('docker ps --format "{{.Image}}"').split('\n')).toEqual(['shop:2', 'shop:2']);
    // The script that was changed on the machine is not the one of the user data: the next start brings that one again.
    machine.sh('systemctl restart server-provision');
    expect(machine.sh("grep '^HEALTH_SECONDS=' /usr/local/sbin/server")).toBe('HEALTH_SECONDS=120');
  },
);

rehearse(
  () => machine,
  "last night's dump brings back the same rows and sessions, and a dump that fails is noticed",
  () => {
    machine.sh('systemctl start server-dump');
    const dumped = Number(machine.sh('cat /data/last-dump'));
    expect(Date.now() / 1000 - dumped).toBeLessThan(60);
    say(
      `dumped: ${machine
        .log()
        .trim()
        .split('\n')
        .filter((line) => line.includes('dumped to'))
        .at(-1)
        ?.slice(21)}`,
    );

    expect(sql(machine, 'DROP TABLE note')).toBe('');
    expect(redis(machine, 'FLUSHALL')).toBe('+OK');
    const begin = Date.now();
    machine.sh('server restore dump latest');
    // Nothing has changed yet for who uses the product.
    expect(sql(machine, FINGERPRINT_OF_ROWS)).toContain('does not exist');
    machine.sh('server restore swap');
    waitFor('the site', 120, () => answers(machine));
    expect(sql(machine, FINGERPRINT_OF_ROWS)).toBe(kept.rows);
    expect(sql(machine, "INSERT INTO note (text) VALUES ('after')")).toBe('');
    expect(sql(machine, "SELECT id FROM note WHERE text = 'after'")).toBe('5001');
    expect(sql(machine, "DELETE FROM note WHERE text = 'after'")).toBe('');
    machine.sh('server restore cache latest');
    waitFor('the site', 120, () => answers(machine));
    expect(redis(machine, 'GET session:1')).toBe('alice');
    machine.sh('server restore forget');
    say(`table dropped and cache emptied; ${seconds(begin)} later all 5000 rows, the sequence and the session are back`);

    world.put('faults', {
      's3 cp': 'upload failed: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied',
    });
    expect(machine.run('systemctl start server-dump').status).not.toBe(0);
    world.put('faults', {});
    expect(Number(machine.sh('cat /data/last-dump'))).toBe(dumped);
    machine.sh('cp -a /data/last-dump /run/last-dump; date --date="-30 hours" +%s >/data/last-dump');
    const age = metric('BackupAge');
    machine.sh('cp -a /run/last-dump /data/last-dump');
    expect(age).toBeGreaterThan(shop.threshold('BackupAge'));
    say(
      `an upload that fails counts as no backup; a last dump of 30 hours ago is reported as ${age} h, over the alarm's ${shop.threshold('BackupAge')}`,
    );
  },
);

rehearse(
  () => machine,
  'a full disk is reported, and nothing is lost by it',
  () => {
    expect(metric('DataVolumeUsed')).toBeLessThan(shop.threshold('DataVolumeUsed'));
    machine.run('dd if=/dev/zero of=/data/filler bs=1M 2>/dev/null; sync');
    const failed = sql(machine, 'INSERT INTO note (text) SELECT repeat(md5(n::text), 100) FROM generate_series(1, 50000) n');
    expect(failed).toMatch(/ERROR/);
    const used = metric('DataVolumeUsed');
    expect(used).toBeGreaterThan(shop.threshold('DataVolumeUsed'));
    machine.sh('rm /data/filler; sync /data');
    const begin = Date.now();
    waitFor('the database to take writes', 300, () => sql(machine, "INSERT INTO note (text) VALUES ('space')") === '', 500);
    expect(sql(machine, "DELETE FROM note WHERE text = 'space'")).toBe('');
    expect(sql(machine, FINGERPRINT_OF_ROWS)).toBe(kept.rows);
    expect(redis(machine, 'GET session:1')).toBe('alice');
    say(
      `full: writes fail ("${failed.slice(13, 60)}..."), ${used} % is reported against the alarm's ${shop.threshold('DataVolumeUsed')}; ${seconds(begin)} after space came back it writes again, every row is there`,
    );
  },
);

rehearse(
  () => machine,
  'a machine with other user ids takes over the volume: every row, key and certificate is there',
  () => {
    kept.users = machine.sh('id -u postgres redis');
    const begin = Date.now();
    machine = world.newMachine(shop.userData, shiftUsers).boot();
    firstRun();
    waitFor('the site', 120, () => answers(machine));
    say(`thrown away the root (the power was cut): a new one on the same volume answers after ${seconds(begin)}`);
    expect(machine.sh('id -u postgres')).not.toBe(kept.users);
    expect(sql(machine, FINGERPRINT_OF_ROWS)).toBe(kept.rows);
    expect(redis(machine, 'GET session:1')).toBe('alice');
    expect(fingerprint(machine)).toBe(kept.certificate);
    expect(JSON.parse(ask(machine, '/env').body).DATABASE_PASSWORD).toBe(kept.password);
  },
);

/** Starts visitors, or stops them and says what they were told: quick requests, and slow ones that are under way at any time. */
function visit(action: 'start' | 'stop'): { total: number; slow: number; count: { [body: string]: number }; other: string[] } {
  if (action === 'start') {
    machine.sh('rm -f /tmp/visits-* /tmp/visitors-stop');
    for (const [name, path] of [
      ['quick', '/'],
      ['slow', '/slow?seconds=1.5'],
    ]) {
      machine.background(
        `while [[ ! -e /tmp/visitors-stop ]]; do echo "$(curl -sS --max-time 30 -w ' %{http_code}' 'https://${DOMAIN}${path}' 2>&1)" >>/tmp/visits-${name}; sleep 0.03; done; touch /tmp/visits-${name}.done`,
      );
    }
    return { total: 0, slow: 0, count: {}, other: [] };
  }
  const started = machine.run('ls /tmp/visits-quick').status === 0;
  machine.sh('touch /tmp/visitors-stop');
  if (started)
    waitFor('the visitors to leave', 40, () => machine.run('ls /tmp/visits-quick.done /tmp/visits-slow.done').status === 0);
  const read = (name: string) =>
    machine
      .run(`cat /tmp/visits-${name}`)
      .stdout.split('\n')
      .filter((line) => line !== '');
  const slow = read('slow');
  const all = [...read('quick'), ...slow];
  const count: { [body: string]: number } = {};
  for (const line of all) {
    const body = /^(shop:\d) 200$/.exec(line)?.[1];
    if (body) count[body] = (count[body] ?? 0) + 1;
  }
  return { total: all.length, slow: slow.length, count, other: all.filter((line) => !/^shop:\d 200$/.test(line)) };
}

/** The newest value of a metric, after as many heartbeats as it takes until the server reports again. */
function metric(name: string): number {
  const reports = () => world.calls().filter((entry) => entry.metric?.MetricName === name);
  const before = reports().length;
  for (let beat = 0; beat < 6 && reports().length === before; beat++)
    machine.sh('systemctl reset-failed server-heartbeat; systemctl start server-heartbeat');
  const report = reports().at(-1);
  if (reports().length === before) throw new Error(`the server does not report ${name}`);
  return Number(report.metric.Value);
}

function shiftUsers(root: string): void {
  for (const name of ['early', 'earlier', 'earliest']) {
    const run = spawnSync('chroot', [root, 'useradd', '--system', '--user-group', name], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
  }
}
