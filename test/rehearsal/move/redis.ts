import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { User } from './postgres';
import { freePort, must, run, until } from './processes';

/** Password of the server's Redis, and of the user of the cache. */
export const CACHE_PASSWORDS = { source: 'sessions/&%', target: 'ca$he-us3r-of-16-characters' };

/** Name of the user of the cache. */
export const CACHE_USER = 'app';

/** A certificate of an authority of this run alone, for the target's PostgreSQL and cache, and the authority itself. */
export async function certificates(folder: string, user: User): Promise<{ ca: string; certificate: string; key: string }> {
  const [ca, caKey, certificate, key, request] = ['ca.crt', 'ca.key', 'server.crt', 'server.key', 'server.csr'].map((name) =>
    join(folder, name),
  );
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await must('openssl', [
    'req',
    '-x509',
    ...curve,
    '-keyout',
    caKey,
    '-out',
    ca,
    '-days',
    '2',
    '-subj',
    '/CN=Rehearsal authority',
  ]);
  await must('openssl', ['req', ...curve, '-keyout', key, '-out', request, '-subj', '/CN=localhost']);
  const names = join(folder, 'names');
  writeFileSync(names, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', names];
  await must('openssl', ['x509', '-req', '-in', request, '-out', certificate, ...signing]);
  for (const file of [certificate, key]) chownSync(file, user.uid, user.gid);
  return { ca, certificate, key };
}

/** A Redis server on the loopback. */
export class Redis {
  private readonly child: ChildProcess;

  public static async start(folder: string, user: User, args: string[], client: string[], port?: number): Promise<Redis> {
    mkdirSync(folder, { recursive: true });
    chownSync(folder, user.uid, user.gid);
    const redis = new Redis(folder, user, args, client, port ?? (await freePort()));
    await until('Redis answers', async () => (await redis.try('PING')).stdout.trim() === 'PONG');
    return redis;
  }

  /** As on the server: a password, an append-only file, sixteen databases. */
  public static async source(folder: string, user: User): Promise<Redis> {
    const port = await freePort();
    const args = ['--port', String(port), '--requirepass', CACHE_PASSWORDS.source, '--appendonly', 'yes', '--save', ''];
    return await Redis.start(folder, user, args, ['-a', CACHE_PASSWORDS.source], port);
  }

  /** As ElastiCache's: TLS only, a user with a password and no other, cluster mode with two shards. */
  public static async cluster(
    folder: string,
    user: User,
    tls: { ca: string; certificate: string; key: string },
  ): Promise<Redis[]> {
    const acl = ['--user', 'default', 'off', '--user', CACHE_USER, 'on', `>${CACHE_PASSWORDS.target}`, '~*', '&*', '+@all'];
    const shards: Redis[] = [];
    for (const shard of [0, 1]) {
      const port = await freePort();
      const args = ['--port', '0', '--tls-port', String(port), '--tls-cert-file', tls.certificate, '--tls-key-file', tls.key];
      args.push(
        '--tls-ca-cert-file',
        tls.ca,
        '--tls-auth-clients',
        'no',
        '--tls-cluster',
        'yes',
        '--save',
        '',
        '--appendonly',
        'no',
      );
      // The bus of a cluster is 10000 above the port unless it is told.
      args.push('--cluster-enabled', 'yes', '--cluster-port', String(await freePort()), ...acl);
      const client = ['--tls', '--cacert', tls.ca, '--user', CACHE_USER, '-a', CACHE_PASSWORDS.target];
      shards.push(await Redis.start(join(folder, `shard-${shard}`), user, args, client, port));
    }
    for (const [index, shard] of shards.entries()) {
      await shard.must('CLUSTER', 'ADDSLOTSRANGE', ...(index === 0 ? ['0', '8191'] : ['8192', '16383']));
      await shard.must('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    }
    const [first, second] = shards;
    const bus = (await second.must('CONFIG', 'GET', 'cluster-port')).trim().split('\n')[1];
    await first.must('CLUSTER', 'MEET', '127.0.0.1', String(second.port), bus);
    for (const shard of shards) {
      await until('the cluster is whole', async () => {
        const info = await shard.must('CLUSTER', 'INFO');
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:2') && info.includes('cluster_size:2');
      });
    }
    return shards;
  }

  private constructor(
    folder: string,
    user: User,
    args: string[],
    private readonly client: string[],
    public readonly port: number,
  ) {
    const common = ['--bind', '127.0.0.1', '--dir', folder, '--logfile', join(folder, 'log'), '--daemonize', 'no'];
    common.push('--enable-debug-command', 'local');
    this.child = spawn('/usr/bin/redis-server', [...args, ...common], { ...user, stdio: 'ignore', cwd: folder });
  }

  public async try(...command: string[]) {
    const args = ['-h', '127.0.0.1', '-p', String(this.port), '--no-auth-warning', ...this.client, ...command];
    return await run('/usr/bin/redis-cli', args);
  }

  public async must(...command: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.try(...command);
    if (code !== 0 || /^(ERR|NOAUTH|WRONGPASS|CLUSTERDOWN|READONLY)/.test(stdout)) {
      throw new Error(`Redis says to ${command.join(' ')}: ${stdout}${stderr}`);
    }
    return stdout;
  }

  /** Sends commands, a line each. */
  public async pipe(commands: string[]): Promise<string> {
    const args = ['-h', '127.0.0.1', '-p', String(this.port), '--no-auth-warning', ...this.client];
    return await must('/usr/bin/redis-cli', args, { input: commands.join('\n') });
  }

  /**
   * Every key with its type, the hash that Redis itself makes of its value (DEBUG DIGEST-VALUE), and whether it expires; read here,
   * from each server, and not by what moves them.
   */
  public async keys(): Promise<Map<string, string>> {
    const names = (await this.pipe(['KEYS *'])).split('\n').filter(Boolean);
    const found = new Map<string, string>();
    if (names.length === 0) return found;
    const quoted = names.map((name) => JSON.stringify(name));
    const lines = (
      await this.pipe(quoted.flatMap((name) => [`TYPE ${name}`, `PTTL ${name}`, `DEBUG DIGEST-VALUE ${name}`]))
    ).split('\n');
    for (const [index, name] of names.entries()) {
      const [type, ttl, digest] = lines.slice(index * 3, index * 3 + 3);
      found.set(name, `${type} ${Number(ttl) > 0 ? 'expires' : 'stays'} ${digest}`);
    }
    return found;
  }

  public stop(): void {
    this.child.kill('SIGKILL');
  }
}
