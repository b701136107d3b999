import type { Machine } from './guest';
import { DOMAIN } from './shop';

/** An answer of the site. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** Asks the site as a visitor of the machine would; certificates are checked. */
export function ask(machine: Machine, path: string, options = '', scheme = 'https'): Answer {
  const url = `${scheme}://${DOMAIN}${path}`;
  const text = machine.sh(`curl -sS --max-time 90 -D - -o /tmp/body ${options} '${url}' && echo && cat /tmp/body`);
  const [head, ...body] = text.split(/\r?\n\r?\n/);
  const [first, ...lines] = head.split(/\r?\n/);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: body.join('\n\n').trim() };
}

/** Runs SQL through the product: its container, the contract's credentials, PostgreSQL. */
export function sql(machine: Machine, statement: string): string {
  return ask(machine, `/sql?q=${encode(statement)}`).body;
}

/** Runs a Redis command through the product. */
export function redis(machine: Machine, command: string): string {
  return ask(machine, `/redis?q=${encode(command)}`).body;
}

/** Whether the site answers its health check over TLS, each time: while nginx reloads, old and new workers take turns. */
export function answers(machine: Machine): boolean {
  return (
    machine.run(`for n in {1..8}; do curl -fsS --max-time 5 -o /dev/null https://${DOMAIN}/health || exit; done`).status === 0
  );
}

/** SHA-256 of the certificate that visitors get. */
export function fingerprint(machine: Machine): string {
  return machine.sh(
    `openssl s_client -connect ${DOMAIN}:443 -servername ${DOMAIN} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
  );
}

/** Everything a second run might have touched: configuration with content and time, and since when each service runs. */
export function state(machine: Machine): string[] {
  const files = machine.sh(
    "find /etc /usr/local /data/letsencrypt /data/*-password -xdev -type f -not -path '/etc/ssl/*' -printf '%p %T@ %m %u %i\\n' | sort",
  );
  const sums = machine.sh(
    "find /etc /usr/local /data/*-password -xdev -type f -not -path '/etc/ssl/*' -print0 | sort -z | xargs -0 sha256sum",
  );
  const units = machine.sh(
    "systemctl show -p Id,ActiveState,ActiveEnterTimestamp,MainPID,NRestarts postgresql@15-main redis-server nginx docker 'web@*' worker",
  );
  return [...files.split('\n'), ...sums.split('\n'), ...units.split('\n')];
}

/** For a URL between single quotes. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}
