import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What the server's scripts install; a package that is missing here fails the first rehearsal ("Unable to locate package"). */
const PACKAGES = [
  'certbot',
  'curl',
  'iptables',
  'jq',
  'logrotate',
  'nginx',
  'postgresql-15',
  'redis-server',
  'ssl-cert',
  'unattended-upgrades',
];

/** Programs of the host, and the Debian package of each. */
const NEEDED: { [program: string]: string } = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  'mkfs.ext4': 'e2fsprogs',
  losetup: 'mount',
  nsenter: 'util-linux',
  'dpkg-deb': 'dpkg',
};

/** One sentence about what this machine lacks for the rehearsal; undefined if nothing. */
export function missing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'the server rehearsal must run as root on Linux';
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^ID=debian$/m.test(release)) return 'the server rehearsal needs Debian, whose debootstrap and keys it uses';
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const absent = Object.keys(NEEDED).filter(
    (program) => spawnSync('bash', ['-c', `command -v ${program}`], { env: { PATH: path } }).status !== 0,
  );
  if (absent.length > 0) {
    return `the server rehearsal needs ${absent.join(', ')}: apt-get install ${absent.map((program) => NEEDED[program]).join(' ')}`;
  }
  return undefined;
}

/** A folder with the root and the package repository that every guest starts from; built once, then cached. */
export function baseRoot(say: (line: string) => void): string {
  const script = join(__dirname, 'base-root.sh');
  const key = createHash('sha256').update(readFileSync(script)).update(PACKAGES.join()).digest('hex').slice(0, 12);
  const cache = process.env.REHEARSAL_CACHE ?? join(__dirname, '../../../node_modules/.cache/rehearsal');
  const folder = join(cache, `debian-12-${key}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  const begin = Date.now();
  mkdirSync(partial, { recursive: true });
  // The other rehearsal's worker may be building the same: it waits, and then finds it there.
  const build = '[[ -d $1 ]] && exit; done=$1 partial=$2; shift 2; rm -rf "$partial"; bash "$@" && mv "$partial" "$done"';
  const words = [join(cache, 'lock'), 'bash', '-c', build, 'bash', folder, partial, script, partial, ...PACKAGES];
  const { status, stderr } = spawnSync('flock', words, { encoding: 'utf8' });
  rmSync(partial, { recursive: true, force: true });
  if (status !== 0) throw new Error(`could not build Debian 12 with debootstrap:\n${stderr.slice(-2000)}`);
  say(`built Debian 12 and a repository of ${PACKAGES.length} packages with what they need in ${seconds(begin)}`);
  return folder;
}

/** Seconds since a time, as people read them. */
export function seconds(begin: number): string {
  return `${((Date.now() - begin) / 1000).toFixed(1)} s`;
}
