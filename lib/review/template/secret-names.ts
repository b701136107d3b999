import { isObject } from '../../assembly/values';

/** Names of properties whose value is a secret, at their end. */
const PROPERTY =
  /(Password|Passwords|Passphrase|SecretString|SecretKey|SecretAccessKey|ClientSecret|AuthToken|OAuthToken|AccessToken|PersonalAccessToken|PrivateKey|ApiKey|ApiKeyValue)$/;
/** Names of variables and headers whose value is a secret. */
const VARIABLE =
  /(password|passwd|passphrase|(^|[_-])pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|origin-verify|authorization)/i;
/** What is about a secret without being one. */
const ABOUT =
  /(arn|name|names|id|ids|url|uri|endpoint|path|file|dir|prefix|suffix|length|ttl|type|header|field|version|enabled|required|policy|issuer|audience|algorithm|duration|seconds|minutes|hours|days|expiry|expiration|region|bucket|table|stage)$/i;
/** `postgres://user:secret@host`. */
const IN_URL = /:\/\/[^/\s:@]+:[^/\s@${]+@/;

/** A secret that stands in a template in clear text. */
export interface PlainSecret {
  /** Path below `Properties`. */
  readonly path: string[];
  /** What says that it is one. */
  readonly name: string;
}

/** Secrets in the properties of a resource: by the property's name, by a variable's name, or by the look of an address. */
export function plainSecrets(properties: Record<string, unknown>): PlainSecret[] {
  return secretsIn(properties, []);
}

function secretsIn(value: unknown, path: string[]): PlainSecret[] {
  const here = secretAt(value, path);
  if (here) return [here];
  if (Array.isArray(value)) return value.flatMap((item, index) => secretsIn(item, [...path, String(index)]));
  if (!isObject(value)) return [];
  return Object.entries(value)
    .filter(([key]) => key !== 'Tags')
    .flatMap(([key, child]) => secretsIn(child, [...path, key]));
}

function secretAt(value: unknown, path: string[]): PlainSecret | undefined {
  if (typeof value === 'string') {
    const name = path.filter((segment) => !/^\d+$/.test(segment)).at(-1) ?? '';
    if (PROPERTY.test(name) && isSecret(value)) return { path, name };
    if (isVariable(path) && ((isTelling(name) && isSecret(value)) || IN_URL.test(value))) return { path, name };
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const [nameKey, valueKey] of PAIRS) {
    const [name, content] = [value[nameKey], value[valueKey]];
    if (typeof name !== 'string' || typeof content !== 'string') continue;
    if ((isTelling(name) && isSecret(content)) || IN_URL.test(content)) return { path: [...path, valueKey], name };
  }
  return undefined;
}

/** A variable of a container, a build or a parameter store, and a header that CloudFront sends. */
const PAIRS = [
  ['Name', 'Value'],
  ['HeaderName', 'HeaderValue'],
];

/** Functions have their variables as a map. */
function isVariable(path: string[]): boolean {
  return ['Variables', 'EnvironmentVariables', 'RuntimeEnvironmentVariables'].includes(path.at(-2) ?? '');
}

function isTelling(name: string): boolean {
  return VARIABLE.test(name) && !ABOUT.test(name);
}

/** What only names a secret, switches something, or is a unit, is none. */
function isSecret(value: string): boolean {
  return !/^$|^(true|false|minutes|hours|days|seconds|required|optional)$|^[\d.]+$|^arn:|^https?:|\{\{resolve:|^\//i.test(value);
}
