import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { baseRoot, missing, seconds } from './base-root';
import { host, type Machine, sleep, World, waitFor } from './guest';
import { answers, ask, redis, sql } from './observe';
import { rehearse, teller } from './rehearse';
import { DOMAIN, Shop } from './shop';

const say = teller('power cuts');
let world: World;
let machine: Machine;
let shop: Shop;

beforeAll(() => {
  const lack = missing();
  if (lack) throw new Error(lack);
  shop = new Shop();
  world = new World(baseRoot(say), DOMAIN);
  shop.deployInto(world);
});

afterAll(() => world?.dispose());

/** SHA-256 of what is on the volume. */
function volume(): string {
  return createHash('sha256').update(readFileSync(world.volumeFile)).digest('hex');
}

/** Puts bytes onto the volume, from a file made by a program of the host. */
function write(make: (file: string) => void): void {
  const file = `${world.volumeFile}.new`;
  writeFileSync(file, '');
  truncateSync(file, readFileSync(world.volumeFile).length);
  make(file);
  host('dd', `if=${file}`, `of=${world.volumeFile}`, 'bs=1M', 'conv=notrunc', 'status=none');
  rmSync(file);
}

const FOREIGN: { [name: string]: (file: string) => void } = {
  "somebody else's ext4": (file) => void host('mkfs.ext4', '-q', '-L', 'important', file),
  'an area of swap': (file) => void host('mkswap', file),
  'bytes that no tool knows': (file) => {
    const handle = openSync(file, 'r+');
    writeSync(handle, 'here begins a file system that blkid does not know', 9_000_000);
    closeSync(handle);
  },
};

rehearse(
  () => machine,
  'a volume that holds something else is refused, not formatted',
  () => {
    machine = world.newMachine(shop.userData);
    let refusals = 0;
    for (const [name, make] of Object.entries(FOREIGN)) {
      write(make);
      const before = volume();
      machine.boot();
      refusals++;
      const said = () => machine.log().split('it is left untouched').length > refusals;
      waitFor('the refusal', 300, () => said() || machine.run('mountpoint --quiet /data').status === 0);
      expect(said()).toBe(true);
      expect(machine.sh('findmnt --noheadings /data || echo not mounted')).toBe('not mounted');
      machine.powerOff();
      expect(volume()).toBe(before);
      say(`a volume with ${name} is refused ("it is left untouched"), and not a byte of it changes`);
    }
    expect(world.calls().some(({ call }) => call?.[1] === 'signal-resource')).toBe(false);
  },
);

/** Where the power goes: a command of the scripts, before it runs or a moment after it began. */
const CUTS: { at: string; seen: string; unit?: string; wait?: (machine: Machine) => void }[] = [
  { at: 'before setup systemctl daemon-reload', seen: 'before the unit of the provisioning is enabled' },
  { at: 'during packages *--fix-broken*', seen: 'while dpkg unpacks the first packages', wait: dpkg('unpacked') },
  { at: 'before fetch mv*', seen: 'before the script that came is in its place' },
  { at: 'before prepare_volume mkfs*', seen: 'in the middle of mkfs, before the superblock', wait: halfAFileSystem },
  { at: 'before mount_volume uuid=*', seen: 'between mkfs and the first mount' },
  {
    at: 'during packages *--fix-broken*',
    seen: 'while dpkg configures nginx, Redis and the others',
    wait: dpkg('half-configured'),
  },
  { at: 'during packages *--fix-broken*', seen: 'while dpkg installs PostgreSQL', wait: dpkg('unpacked postgresql') },
  { at: 'during create_cluster pg_createcluster*', seen: 'while initdb runs', wait: () => sleep(700) },
  { at: 'before start_database as_postgres psql*', seen: 'before the role and the database are made' },
  { at: 'before password sync*', seen: 'before the password of the cache is on the disk' },
  { at: 'before start_cache systemctl start redis-server', seen: 'before Redis starts' },
  { at: 'before start_web web_settings', seen: 'before nginx is configured' },
  { at: 'before install_units systemctl start docker', seen: 'before Docker starts' },
  { at: 'before provision aws cloudformation*', seen: 'before the stack gets its signal' },
  {
    at: 'during certificate certbot*',
    seen: 'while the certificate is ordered',
    unit: 'server-certificate',
    wait: () => sleep(1500),
  },
  { at: 'before start_release upstream*', seen: 'in the first release, before nginx asks the container', unit: 'server-release' },
];

/** Waits until dpkg has come that far with a package. */
function dpkg(state: string): (machine: Machine) => void {
  return (guest) => {
    const lines = () => guest.run(`grep -c ' ${state}' /var/log/dpkg.log`).stdout.trim();
    const before = lines();
    waitFor(`dpkg to say ${state}`, 180, () => lines() !== before, 10);
  };
}

/** What a mkfs leaves that is killed: everything but the superblock, which it writes last. */
function halfAFileSystem(): void {
  write((file) => {
    host('mkfs.ext4', '-q', '-L', 'server-data', file);
    host('dd', 'if=/dev/zero', `of=${file}`, 'bs=4096', 'count=1', 'conv=notrunc', 'status=none');
  });
}

rehearse(
  () => machine,
  'the power may go at any step of the first run',
  () => {
    write(() => undefined);
    machine = world.newMachine(shop.userData);
    for (const [number, { at, seen, wait, unit }] of CUTS.entries()) {
      rmSync(world.path('reached'), { force: true });
      writeFileSync(world.path('step'), `${at}\n`);
      const before = machine.log().length;
      machine.boot();
      const begin = Date.now();
      let started = unit === undefined;
      const reached = () => {
        // The first run does by its timers what nobody need wait for here.
        if (!started && machine.log().slice(before).includes('the server is ready')) {
          machine.run(`systemctl start --no-block ${unit}`);
          started = true;
        }
        return existsSync(world.path('reached')) && readFileSync(world.path('reached'), 'utf8').trim();
      };
      const where = waitFor(`step ${at}`, 300, reached, 50);
      wait?.(machine);
      machine.cutPower();
      rmSync(world.path('step'));
      say(`cut ${number + 1}, ${seconds(begin)}: ${seen} (${where.slice(0, 60)})`);
    }
    const begin = Date.now();
    machine.boot();
    const log = machine.log().length;
    waitFor('the server to be ready', 300, () => machine.log().slice(log).includes('the server is ready'));
    machine.sh('systemctl start server-release');
    machine.sh('systemctl start server-certificate');
    waitFor('the site', 120, () => answers(machine));
    expect(ask(machine, '/')).toMatchObject({ status: 200, body: 'shop:1' });
    expect(sql(machine, 'CREATE TABLE note (text text)')).toBe('');
    expect(redis(machine, 'SET a b')).toBe('+OK');
    expect(machine.run('dpkg --audit').stdout).toBe('');
    expect(machine.run('ls /usr/sbin/policy-rc.d').status).not.toBe(0);
    expect(
      machine.sh('systemctl list-units --failed --no-legend --plain "server-*" "postgresql*" redis-server nginx docker'),
    ).toBe('');
    say(
      `after ${CUTS.length} power cuts in one first run the site answers ${seconds(begin)} after the last start; dpkg audits clean`,
    );
  },
);
