import type { Postgres } from './postgres';

const OURS = `n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'data_move')`;
/** Not a part of an extension. */
const own = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype IN ('e'${catalog === 'pg_proc' ? ", 'i'" : ''}))`;
/** Who may do what, whoever granted it; no list means the owner's alone, which is the same as a list that says so. */
const acl = (list: string, kind: string, owner: string) =>
  `(SELECT string_agg(format('%s:%s%s', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, CASE WHEN is_grantable THEN '*' ELSE '' END), ' ' ORDER BY grantee::regrole::text, privilege_type) FROM aclexplode(COALESCE(${list}, acldefault(${kind}, ${owner}))))`;

/**
 * What a database is, a line for each thing: everything that the catalogues say about it, and no row. Written for this rehearsal from
 * the catalogues alone; it shares nothing with what the move itself verifies.
 */
const CATALOGUE: Record<string, string> = {
  relation: `SELECT format('%s %s of %s acl %s rls %s%s identity %s options %s persistence %s comment %s', c.relkind, c.oid::regclass, c.relowner::regrole, ${acl('c.relacl', `CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END`, 'c.relowner')}, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reloptions, c.relpersistence, obj_description(c.oid, 'pg_class')) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS} AND c.relkind IN ('r','p','v','m','S','f') AND ${own('pg_class', 'c.oid')}`,
  column: `SELECT format('%s.%s #%s %s null %s default %s identity %s generated %s storage %s collation %s acl %s comment %s', c.oid::regclass, a.attname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attstorage, (SELECT collname FROM pg_collation k WHERE k.oid = a.attcollation), (SELECT string_agg(format('%s:%s%s', grantee::regrole, privilege_type, is_grantable), ' ' ORDER BY grantee::regrole::text, privilege_type) FROM aclexplode(a.attacl)), col_description(c.oid, a.attnum)) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE ${OURS} AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r','p','v','m','c') AND ${own('pg_class', 'c.oid')}`,
  constraint: `SELECT format('%s %s %s valid %s deferrable %s %s', conrelid::regclass, conname, pg_get_constraintdef(k.oid), convalidated, condeferrable, condeferred) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE ${OURS}`,
  index: `SELECT format('%s valid %s ready %s identity %s', pg_get_indexdef(indexrelid), indisvalid, indisready, indisreplident) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS}`,
  partition: `SELECT format('%s in %s: %s %s', inhrelid::regclass, inhparent::regclass, pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(inhparent)) FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS}`,
  sequence: `SELECT format('%I.%I %s start %s min %s max %s by %s cycle %s cache %s of %s', schemaname, sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size, sequenceowner) FROM pg_sequences WHERE schemaname <> 'data_move'`,
  function: `SELECT format('%s of %s acl %s: %s', p.oid::regprocedure, proowner::regrole, ${acl('p.proacl', `'f'`, 'p.proowner')}, CASE WHEN prokind = 'a' THEN (SELECT format('%s %s', aggtransfn, agginitval) FROM pg_aggregate WHERE aggfnoid = p.oid) ELSE pg_get_functiondef(p.oid) END) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${OURS} AND ${own('pg_proc', 'p.oid')}`,
  type: `SELECT format('%s %s of %s labels %s base %s', typtype, t.oid::regtype, typowner::regrole, (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), format_type(typbasetype, typtypmod)) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${OURS} AND typelem = 0 AND typtype <> 'm' AND ${own('pg_type', 't.oid')}`,
  trigger: `SELECT format('%s enabled %s', pg_get_triggerdef(g.oid), tgenabled) FROM pg_trigger g JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS} AND NOT tgisinternal`,
  policy: `SELECT format('%s.%s %s %s %s %s %s', schemaname, tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies`,
  view: `SELECT format('%s %s', c.oid::regclass, pg_get_viewdef(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS} AND relkind IN ('v','m')`,
  rule: `SELECT pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS} AND rulename <> '_RETURN'`,
  statistics: `SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE ${OURS}`,
  schema: `SELECT format('%I of %s acl %s', nspname, nspowner::regrole, ${acl('n.nspacl', `'n'`, 'n.nspowner')}) FROM pg_namespace n WHERE ${OURS} AND n.nspname <> 'public' UNION ALL SELECT format('public %s:%s', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type) FROM pg_namespace n, aclexplode(nspacl) WHERE nspname = 'public'`,
  extension: `SELECT format('%s %s', extname, extversion) FROM pg_extension WHERE extname <> 'plpgsql'`,
  'default privilege': `SELECT format('%s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, (SELECT string_agg(format('%s:%s', grantee::regrole, privilege_type), ' ' ORDER BY 1) FROM aclexplode(defaclacl))) FROM pg_default_acl`,
  role: `SELECT format('%s login %s inherit %s limit %s set %s member of %s', r.oid::regrole, rolcanlogin, rolinherit, rolconnlimit, (SELECT setconfig FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0), (SELECT string_agg(roleid::regrole::text, ' ' ORDER BY 1) FROM pg_auth_members WHERE member = r.oid)) FROM pg_authid r WHERE rolname IN ('billing', 'reporting', 'auditor', 'Odd "role"')`,
  'database setting': `SELECT v FROM pg_db_role_setting s JOIN pg_database b ON b.oid = setdatabase, unnest(setconfig) v WHERE datname = current_database() AND setrole = 0 AND v !~ '^default_transaction_read_only'`,
};

const TABLES = `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS} AND c.relkind IN ('r','m') AND ${own('pg_class', 'c.oid')} ORDER BY 1`;

/** What one side holds. */
export interface Inventory {
  /** Of each thing a line. */
  readonly catalogue: string[];
  /** Of each table and materialized view: rows, and a sum over all of them that no order changes and a row that stands twice does. */
  readonly rows: Map<string, string>;
  readonly sequences: Map<string, { last: bigint; called: boolean; up: boolean }>;
  /** Rows in all. */
  readonly total: number;
}

/** Reads everything one side holds, as a superuser, whom no policy hides a row from. */
export async function inventory(server: Postgres): Promise<Inventory> {
  const settings = `SET search_path = ''; SET TimeZone = 'UTC'; SET statement_timeout = 0; SET extra_float_digits = 3;`;
  const catalogue: string[] = [];
  const all = Object.entries(CATALOGUE).map(([kind, query]) => {
    return `SELECT '${kind} ' || replace(line, E'\\n', '~') FROM (${query}) AS things(line) ORDER BY 1;`;
  });
  for (const line of (await server.sql(`${settings} ${all.join('\n')}`)).split('\n').filter(Boolean)) {
    // PostgreSQL 16 names the table of a view's column less often than 15 (its release notes).
    catalogue.push(line.startsWith('view ') ? line.replace(/\b\w+\.(?=\w)/g, '') : line.trim());
  }
  const tables = (await server.sql(`${settings} ${TABLES}`)).split('\n').filter(Boolean);
  const sums = tables.map((table) => {
    const name = `'${table.replaceAll("'", "''")}'`;
    return `SELECT ${name}, count(*), COALESCE(sum(hashtextextended(t::text, 7)::numeric), 0) FROM ONLY ${table} t;`;
  });
  const lines = tables.length ? (await server.sql(`${settings} SET work_mem = '64MB'; ${sums.join('\n')}`)).split('\n') : [];
  const rows = new Map<string, string>();
  let total = 0;
  for (const line of lines) {
    // The sum and the count hold no bar; a name may.
    const [, table, count, sum] = /^(.*)\|(\d+)\|(-?\d+)$/s.exec(line) ?? [];
    if (!table) throw new Error(`no sum in: ${line}`);
    rows.set(table, `${count} rows, ${sum}`);
    total += Number(count);
  }
  const names = await server.sql(
    `${settings} SELECT format('SELECT %L, last_value, is_called, %L::boolean FROM %s;', seqrelid::regclass, seqincrement > 0, seqrelid::regclass) FROM pg_sequence`,
  );
  const sequences = new Map<string, { last: bigint; called: boolean; up: boolean }>();
  for (const line of (await server.sql(`${settings} ${names}`)).split('\n').filter(Boolean)) {
    const [, name, last, called, up] = /^(.*)\|(-?\d+)\|(.)\|(.)$/s.exec(line) ?? [];
    if (!name) throw new Error(`no sequence in: ${line}`);
    sequences.set(name, { last: BigInt(last), called: called === 't', up: up === 't' });
  }
  return { catalogue, rows, sequences, total };
}

/**
 * What the second side lacks, has too much of, or has otherwise; empty if it is the same. A sequence may be further on, never behind.
 * `except` takes tables whose rows are held against something else.
 */
export function differences(source: Inventory, target: Inventory, except: string[] = []): string[] {
  const found: string[] = [];
  const [before, after] = [new Set(source.catalogue), new Set(target.catalogue)];
  for (const line of before) if (!after.has(line)) found.push(`lost: ${line}`);
  for (const line of after) if (!before.has(line)) found.push(`new: ${line}`);
  for (const [table, sum] of source.rows) {
    if (!except.includes(table) && target.rows.get(table) !== sum)
      found.push(`${table}: ${sum} became ${target.rows.get(table)}`);
  }
  for (const table of target.rows.keys()) if (!source.rows.has(table)) found.push(`new table: ${table}`);
  for (const [name, { last, called, up }] of source.sequences) {
    const now = target.sequences.get(name);
    // The next number, or the one after it: whoever has been given out.
    const given = (value: { last: bigint; called: boolean }) => (value.called ? value.last : value.last + (up ? -1n : 1n));
    if (!now || (up ? given(now) < given({ last, called }) : given(now) > given({ last, called }))) {
      found.push(`sequence ${name}: ${last} ${called} became ${now && `${now.last} ${now.called}`}`);
    }
  }
  return found;
}
