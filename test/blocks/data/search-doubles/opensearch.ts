import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const LIB = join(__dirname, '../../../../lib/blocks/data');

/** What a run of a program came to. */
export interface Run {
  readonly ok: boolean;
  readonly answer?: { readonly [field: string]: unknown };
  readonly text: string;
}

/** Runs a program of the library with a double of boto3 that asks `peer`. */
export function run(file: string, handler: string, event: object, env: Record<string, string>, seconds = 300): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn('python3', [join(__dirname, 'run.py'), join(LIB, file), handler, String(seconds)], {
      env: { PATH: process.env.PATH, PYTHONPATH: __dirname, PYTHONDONTWRITEBYTECODE: '1', ...env },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => {
      const line = text.split('\n').find((one) => one.startsWith('ANSWER '));
      resolve({ ok: code === 0, answer: line && JSON.parse(line.slice(7)), text });
    });
    child.stdin.end(JSON.stringify(event));
  });
}

/** What the next request that fits is answered with, instead of what it deserves. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /** `lost`: done, and the answer never comes; `silent`: neither; `blocked`: read-only; a number: the status, and nothing is done. */
  readonly how: 'lost' | 'silent' | 'torn' | 'blocked' | number;
  /** What somebody else does in the meantime. */
  readonly meanwhile?: () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: what clients put there has any shape
type Stored = Record<string, any>;

/**
 * A peer that answers the requests of the upkeep as OpenSearch does: basic authentication, templates of both kinds, policies with sequence
 * numbers, indexes that have a policy or none, roles and mappings. It fills in defaults, as OpenSearch does, and remembers what was
 * written how often.
 */
export class OpenSearchPeer {
  public readonly requests: string[] = [];
  public readonly writes: string[] = [];
  public faults: Fault[] = [];
  public password = 'right';
  public legacy: Stored = {};
  public templates: Stored = {};
  public policies: Stored = {};
  public indexes: Record<string, { policy: string | null; settings: Stored }> = {};
  public roles: Stored = {};
  public mappings: Stored = {};
  /** Policies or roles that the domain finds fault with. */
  public malformed: string[] = [];
  private sequence = 0;
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  public async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  public stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? undefined : JSON.parse(text);
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const path = decodeURIComponent(pathname);
    const answer = (status: number, value: unknown) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    };
    if (path === '/secretsmanager/get_secret_value') {
      answer(200, { SecretString: JSON.stringify({ username: 'search_admin', password: 'right' }) });
      return;
    }
    this.requests.push(`${request.method} ${path}`);
    const word = Buffer.from(`search_admin:${this.password}`).toString('base64');
    if (request.headers.authorization !== `Basic ${word}`) {
      response.writeHead(401).end('Unauthorized');
      return;
    }
    const fault = this.faults.find((one) => one.method === request.method && one.path.test(path));
    if (fault) {
      this.faults = this.faults.filter((one) => one !== fault);
      fault.meanwhile?.();
      if (typeof fault.how === 'number') return answer(fault.how, { error: { reason: `told to answer ${fault.how}` } });
      if (fault.how === 'blocked')
        return answer(403, { error: { root_cause: [{ type: 'cluster_block_exception' }] }, status: 403 });
      if (fault.how === 'lost') this.handle(request.method!, path, searchParams, body, () => undefined);
      if (fault.how === 'torn') response.writeHead(200, { 'Content-Length': '1000' }).write('{"ack');
      if (fault.how === 'torn') response.destroy();
      // Else it hangs until the client gives up.
      return;
    }
    this.handle(request.method!, path, searchParams, body, answer);
  }

  private handle(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Stored | undefined,
    answer: (status: number, value: unknown) => void,
  ): unknown {
    const name = path.split('/').pop()!;
    const put = (store: Stored, value: unknown) => {
      this.writes.push(`${method} ${path}`);
      store[name] = value;
      answer(200, { acknowledged: true });
    };
    if (path.startsWith('/_template/')) {
      if (method === 'PUT') return put(this.legacy, { aliases: {}, mappings: {}, ...body });
      return name in this.legacy ? answer(200, { [name]: this.legacy[name] }) : answer(404, {});
    }
    if (path.startsWith('/_index_template/')) {
      if (method === 'PUT') {
        const same = Object.entries(this.templates).find(
          ([other, { index_patterns, priority }]) =>
            other !== name && priority === body!.priority && index_patterns[0] === body!.index_patterns[0],
        );
        if (same) return answer(400, { error: { reason: `patterns and priority of ${same[0]}` } });
        return put(this.templates, { composed_of: [], ...body });
      }
      if (!(name in this.templates)) return answer(404, { error: {} });
      return answer(200, { index_templates: [{ name, index_template: this.templates[name] }] });
    }
    if (path.startsWith('/_plugins/_ism/policies/')) {
      const known = this.policies[name];
      if (method === 'GET') return known ? answer(200, known) : answer(404, { error: { reason: 'Policy not found' } });
      if (this.malformed.includes(name)) return answer(400, { error: { reason: `policy ${name} is malformed` } });
      const [number, term] = [query.get('if_seq_no'), query.get('if_primary_term')];
      const fits = known ? number === String(known._seq_no) && term === String(known._primary_term) : number === null;
      if (!fits) return answer(409, { error: { type: 'version_conflict_engine_exception' } });
      this.sequence += 1;
      const policy = { policy_id: name, schema_version: 21, error_notification: null, ...body!.policy };
      return put(this.policies, { _id: name, _version: 1, _seq_no: this.sequence, _primary_term: 1, policy });
    }
    if (path.startsWith('/_plugins/_ism/explain/')) {
      const start = name.replace(/\*$/, '');
      const found = Object.entries(this.indexes).filter(([index]) => index.startsWith(start));
      const states = found.map(([index, { policy }]) => [index, { 'index.plugins.index_state_management.policy_id': policy }]);
      return answer(200, { ...Object.fromEntries(states), total_managed_indices: found.length });
    }
    if (path.startsWith('/_plugins/_ism/add/')) {
      this.writes.push(`${method} ${path}`);
      if (this.indexes[name].policy !== null) {
        return answer(200, {
          updated_indices: 0,
          failures: true,
          failed_indices: [{ index_name: name, reason: 'already has a policy' }],
        });
      }
      this.indexes[name].policy = body!.policy_id;
      return answer(200, { updated_indices: 1, failures: false, failed_indices: [] });
    }
    for (const [start, store] of [
      ['/_plugins/_security/api/roles/', this.roles],
      ['/_plugins/_security/api/rolesmapping/', this.mappings],
    ] as const) {
      if (!path.startsWith(start)) continue;
      if (method === 'PUT' && this.malformed.includes(name))
        return answer(400, { status: 'error', reason: 'Invalid configuration' });
      if (method === 'PUT') return put(store, { reserved: false, hidden: false, static: false, hosts: [], users: [], ...body });
      return name in store ? answer(200, { [name]: store[name] }) : answer(404, { status: 'NOT_FOUND' });
    }
    if (path === '/*,-.*/_settings' && query.get('preserve_existing') === 'true') {
      for (const [index, state] of Object.entries(this.indexes)) {
        if (!index.startsWith('.')) state.settings = { ...body, ...state.settings };
      }
      return answer(200, { acknowledged: true });
    }
    return answer(405, { error: `${method} ${path}` });
  }
}
