import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PHYSICAL } from './template';

/** Where the file system of a rehearsal lies: in memory, so that packages unpack fast and nothing is left behind. */
const SCRATCH = '/run';
const DOMAIN_HOSTS = ['amazon-ssm-us-east-1', 's3.us-east-1', 'amazoncloudwatch-agent-us-east-1.s3.us-east-1'];

/** In a container systemd leaves out the devices of fstab. This mounts the data volume at a start as it would be mounted outside of one. */
const GENERATOR = `#!/bin/sh
device=$(sed -n 's/.*"device": "\\(.*\\)".*/\\1/p' /rehearsal/cloud/volume.json)
line=$(grep "^UUID=$(blkid --probe --match-tag UUID --output value "$device") /data " /etc/fstab) || exit 0
set -- "$1" $line
mkdir -p "$1/local-fs.target.wants"
printf '[Mount]\\nWhat=%s\\nWhere=%s\\nType=%s\\nOptions=%s\\n' "$device" "$3" "$4" "$5" >"$1/data.mount"
ln -sf ../data.mount "$1/local-fs.target.wants/data.mount"
`;

/** Runs a program of the host; an error carries what it printed. */
export function host(...words: string[]): string {
  const run = spawnSync(words[0], words.slice(1), {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  if (run.status !== 0) throw new Error(`${words.join(' ')}: ${run.stderr || run.error}`);
  return run.stdout.trim();
}

export function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Waits until something is true, looking often; says what it waited for when it does not come. */
export function waitFor<T>(what: string, seconds: number, found: () => T | undefined | false, every = 100): T {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = found();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    sleep(every);
  }
}

/**
 * The world around a server: the doubles' state ("the cloud"), the data volume, and one machine at a time.
 *
 * Everything is in one file system in memory and dies with it. `dispose` may be called at any time, more than once; when the
 * rehearsal itself is killed, a janitor does the same.
 */
export class World {
  private readonly folder: string;
  private readonly device: string;
  private machine?: Machine;
  private machines = 0;

  constructor(
    private readonly base: string,
    private readonly domain: string,
    volumeMegabytes = 640,
  ) {
    this.folder = mkdtempSync(join(SCRATCH, 'rehearsal-'));
    host('mount', '-t', 'tmpfs', '-o', 'size=6G,mode=755', 'rehearsal', this.folder);
    mkdirSync(join(this.folder, 'rehearsal/cloud/buckets'), { recursive: true });
    cpSync(join(__dirname, 'doubles'), join(this.folder, 'rehearsal/doubles'), { recursive: true });
    cpSync(join(__dirname, 'hook.sh'), join(this.folder, 'rehearsal/hook.sh'));
    mkdirSync(join(this.folder, 'rehearsal/repo'));
    writeFileSync(this.volumeFile, '');
    truncateSync(this.volumeFile, volumeMegabytes * 1024 * 1024);
    this.device = host('losetup', '--find', '--show', this.volumeFile);
    const janitor = [join(__dirname, 'janitor.sh'), this.folder, this.device, String(process.pid), String(process.ppid)];
    spawn('bash', janitor, { stdio: 'ignore', detached: true }).unref();
    for (const name of ['documents', 'parameters', 'secrets', 'images', 'faults']) this.put(name, {});
    this.put('volume', { id: PHYSICAL.volume, device: this.device, running: [] });
    this.layHarness();
  }

  /** The data volume as a file: what is on the device. */
  public get volumeFile(): string {
    return join(this.folder, 'volume.img');
  }

  /** One of the doubles' files. */
  public path(name: string): string {
    return join(this.folder, 'rehearsal/cloud', name);
  }

  // biome-ignore lint/suspicious/noExplicitAny: JSON
  public get(name: string): any {
    return JSON.parse(readFileSync(this.path(`${name}.json`), 'utf8'));
  }

  public put(name: string, value: unknown): void {
    writeFileSync(this.path(`${name}.json`), JSON.stringify(value, undefined, 1));
  }

  /** A line for each call of the AWS CLI, its metrics and its refusals. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON
  public calls(): any[] {
    if (!existsSync(this.path('calls.jsonl'))) return [];
    return readFileSync(this.path('calls.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  /** Puts another machine in the place of the last one, from a blank root. */
  public newMachine(userData: string, prepare?: (root: string) => void): Machine {
    this.machine?.cutPower();
    this.machine?.discard();
    this.machines++;
    const instance = `i-${String(this.machines).padStart(17, '0')}`;
    this.put('instance', { 'instance-id': instance, 'public-ipv4': PHYSICAL.address, 'placement/region': PHYSICAL.region });
    this.put('volume', { ...this.get('volume'), running: [instance] });
    const folder = join(this.folder, instance);
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(folder, name), { recursive: true });
    const lower = `${join(this.folder, 'harness')}:${join(this.base, 'root')}`;
    const root = join(folder, 'root');
    host('mount', '-t', 'overlay', '-o', `lowerdir=${lower},upperdir=${folder}/upper,workdir=${folder}/work`, 'overlay', root);
    const seed = join(root, 'var/lib/cloud/seed/nocloud');
    mkdirSync(seed, { recursive: true });
    writeFileSync(join(seed, 'user-data'), userData);
    writeFileSync(join(seed, 'meta-data'), `instance-id: ${instance}\nlocal-hostname: server\n`);
    this.machine = new Machine(instance, folder, root, [
      `--bind=${this.device}`,
      `--bind=${join(this.folder, 'rehearsal')}:/rehearsal`,
      `--bind-ro=${join(this.base, 'repo')}:/rehearsal/repo`,
    ]);
    prepare?.(root);
    return this.machine;
  }

  /** Ends the machine and takes everything away. */
  public dispose(): void {
    this.machine?.cutPower();
    this.machine?.discard();
    this.machine = undefined;
    spawnSync('/usr/sbin/losetup', ['--detach', this.device]);
    spawnSync('umount', ['--recursive', '--lazy', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the harness adds to every root: units for the doubles, names, and no network to look for. */
  private layHarness(): void {
    const put = (path: string, text: string) => {
      const file = join(this.folder, 'harness', path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
    };
    const unit = (name: string, lines: string, service: string) => {
      put(`etc/systemd/system/${name}.service`, `[Unit]\n${lines}\n[Service]\n${service}\n`);
      const wants = join(this.folder, 'harness/etc/systemd/system/multi-user.target.wants');
      mkdirSync(wants, { recursive: true });
      symlinkSync(`/etc/systemd/system/${name}.service`, join(wants, `${name}.service`));
    };
    const early = 'Before=cloud-final.service server-provision.service server-boot.service\nWants=network-online.target';
    unit('rehearsal-metadata', early, 'Type=notify\nNotifyAccess=all\nExecStart=/usr/bin/python3 /rehearsal/doubles/metadata.py');
    unit(
      'rehearsal-volume',
      early,
      'Type=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/python3 /rehearsal/doubles/aws.py rehearsal link-volume',
    );
    unit('rehearsal-acme', early, 'Type=notify\nNotifyAccess=all\nExecStart=/usr/bin/python3 /rehearsal/doubles/acme.py');
    put('etc/systemd/system.conf.d/rehearsal.conf', '[Manager]\nDefaultEnvironment=BASH_ENV=/rehearsal/hook.sh\n');
    put(
      'etc/cloud/cloud.cfg.d/99-rehearsal.cfg',
      'datasource_list: [NoCloud]\nnetwork: {config: disabled}\napt: {preserve_sources_list: true}\n',
    );
    const generator = 'etc/systemd/system-generators/rehearsal';
    put(generator, GENERATOR);
    chmodSync(join(this.folder, 'harness', generator), 0o755);
    // Amazon's hosts refuse at once instead of after half a minute of looking for a name.
    const amazon = DOMAIN_HOSTS.map((name) => `127.0.0.9 ${name}.amazonaws.com\n`).join('');
    put('etc/hosts', `127.0.0.1 localhost\n${PHYSICAL.address} ${this.domain}\n${amazon}`);
  }
}

/** One machine: a root of its own that boots with systemd and may die. */
export class Machine {
  private nspawn?: ChildProcess;
  private leader?: number;
  private readonly console: string;

  constructor(
    public readonly instance: string,
    private readonly folder: string,
    public readonly root: string,
    private readonly binds: string[],
  ) {
    this.console = join(folder, 'console');
  }

  public get running(): boolean {
    return this.leader !== undefined && existsSync(`/proc/${this.leader}`);
  }

  /** Starts it and waits until its systemd can be spoken to. */
  public boot(): this {
    const log = openSync(this.console, 'a');
    const name = `rehearsal-${this.instance.slice(-4)}-${process.pid}`;
    const options = [
      '--quiet',
      '--boot',
      '--register=no',
      '--keep-unit',
      '--private-network',
      '--link-journal=no',
      '--console=pipe',
    ];
    const names = ['--resolv-conf=off', '--timezone=off', '--hostname=server', `--machine=${name}`, `--directory=${this.root}`];
    this.nspawn = spawn('systemd-nspawn', [...options, ...names, ...this.binds], { stdio: ['ignore', log, log], detached: true });
    const { pid } = this.nspawn;
    if (pid === undefined) throw new Error('systemd-nspawn does not start');
    this.leader = waitFor('the first process of the machine', 60, () => descendants(pid).find(isInit), 20);
    waitFor('systemd', 240, () => this.run('test -S /run/systemd/private').status === 0);
    return this;
  }

  /** Runs a command line of bash in the machine, as root. */
  public run(command: string, input?: string): { status: number; stdout: string; stderr: string } {
    if (!this.running) throw new Error(`the machine is off: ${command}\n${this.consoleTail()}`);
    const { status, stdout, stderr } = spawnSync('nsenter', [...this.enter(), '/bin/bash', '-c', command], {
      encoding: 'utf8',
      input,
      maxBuffer: 1 << 28,
      env: { PATH: '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' },
    });
    return { status: status ?? -1, stdout: stdout ?? '', stderr: stderr ?? '' };
  }

  /** The same, which must succeed; gives what it printed. */
  public sh(command: string, input?: string): string {
    const { status, stdout, stderr } = this.run(command, input);
    if (status !== 0) throw new Error(`in the machine: ${command}: exit code ${status}\n${stdout}${stderr}`);
    return stdout.trim();
  }

  /** Starts a command that goes on beside the rehearsal, until it ends or the machine does. */
  public background(command: string): void {
    this.sh(`systemd-run --quiet --collect /bin/bash -c '${command.replaceAll("'", `'\\''`)}'`);
  }

  /** Cuts the power: what is not on the data volume yet is lost, and no process can say good-bye. */
  public cutPower(): void {
    if (!this.running) return;
    this.run('exec python3 /rehearsal/doubles/power-cut.py');
    this.kill();
  }

  /** A clean end, as `poweroff` makes it. */
  public powerOff(): void {
    if (!this.running) return;
    this.run('systemctl --no-block poweroff');
    waitFor('the machine to go off', 90, () => !this.running);
    this.kill();
  }

  /** What the server's scripts wrote. */
  public log(): string {
    const file = join(this.root, 'var/log/server/server.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '(no server.log)';
  }

  /** The end of what the server, nginx and certbot wrote, for the message of a failed case. */
  public lastWords(): string {
    const words = ['nginx/error.log', 'letsencrypt/letsencrypt.log'].flatMap((name) => {
      const file = join(this.root, 'var/log', name);
      return existsSync(file) ? [`${name}:\n${readFileSync(file, 'utf8').slice(-1500)}`] : [];
    });
    return [this.log().slice(-2500), ...words].join('\n');
  }

  public discard(): void {
    this.kill();
    spawnSync('umount', ['--recursive', '--lazy', this.root]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private kill(): void {
    for (const pid of [this.leader, this.nspawn?.pid]) {
      if (pid === undefined) continue;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    const { leader } = this;
    if (leader !== undefined) waitFor('the machine to die', 30, () => !existsSync(`/proc/${leader}`) || isZombie(leader), 20);
    this.leader = undefined;
    this.nspawn = undefined;
  }

  private enter(): string[] {
    return ['--target', String(this.leader), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wd'];
  }

  private consoleTail(): string {
    return existsSync(this.console) ? readFileSync(this.console, 'utf8').slice(-2000) : '';
  }
}

function descendants(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    return [...children, ...children.flatMap(descendants)];
  } catch {
    return [];
  }
}

/** Whether a process is number 1 of its own namespace. */
function isInit(pid: number): boolean {
  return /^NSpid:\s+\d+\s+1$/m.test(status(pid));
}

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(status(pid));
}

function status(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
