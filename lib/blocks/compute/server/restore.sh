# Back from a dump: into a database beside the one that serves, which is touched only by the swap, and kept even then.

restore() {
  case ${1-} in
    list) list_dumps ;;
    dump) restore_dump "${2-latest}" ;;
    swap) restore_swap ;;
    forget) restore_forget ;;
    cache) restore_cache "${2-latest}" ;;
    *) die "usage: server restore list | dump KEY|latest | swap | forget | cache KEY|latest" ;;
  esac
}

# Only dumps that are complete.
list_dumps() {
  aws s3api list-objects-v2 --bucket "$DUMP_BUCKET" --prefix dumps/ --query 'Contents[].Key' |
    tr '\t' '\n' | sed -n 's|/complete.json$||p' | sort
}

# find_dump KEY|latest: sets KEY, and brings what the dump says of itself into a file.
find_dump() {
  KEY=${1%/}
  [[ $KEY != latest ]] || KEY=$(list_dumps | tail -n 1)
  [[ $KEY =~ ^dumps/[0-9TZ-]+$ ]] || die "there is no dump '$1' in s3://$DUMP_BUCKET: choose one that 'server restore list' names"
  aws s3 cp --only-show-errors "s3://$DUMP_BUCKET/$KEY/complete.json" - >"$STATE/complete.json" ||
    die "the dump $KEY is not complete: choose one that 'server restore list' names"
}

# fetched NAME FILE: a part of the dump, as it was when it was made, or nothing.
fetched() {
  local wanted found
  wanted=$(jq -r --arg name "$1" '.parts[$name].sha256 // ""' "$STATE/complete.json")
  [[ -n $wanted ]] || die "the dump $KEY holds no $1"
  aws s3 cp --only-show-errors "s3://$DUMP_BUCKET/$KEY/$1" - >"$2"
  found=$(sha256sum <"$2")
  [[ ${found%% *} == "$wanted" ]] || die "s3://$DUMP_BUCKET/$KEY/$1 is not what was dumped: choose another dump"
}

query() { as_postgres psql -qXAt -v ON_ERROR_STOP=1 --dbname="${2-postgres}" --command="$1"; }

# Roles that are not here any more; those that are keep the password they have.
restore_roles() {
  local line role known
  known=$(query 'SELECT quote_ident(rolname) FROM pg_roles')
  while IFS= read -r line; do
    role=$(sed -nE 's/^(CREATE|ALTER) ROLE ("[^"]*"|[^ ;]+).*/\2/p' <<<"$line")
    if [[ $line == GRANT\ * ]] || { [[ -n $role ]] && ! grep -Fqx -- "$role" <<<"$known"; }; then echo "$line"; fi
  done <"$1" | as_postgres psql -qX -v ON_ERROR_STOP=1
}

restore_dump() {
  local fresh=${DATABASE_NAME}_restored dir tables
  umask 077
  alone restore
  find_dump "$1"
  dir=$(mktemp --directory "$DATA/restore.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$dir'" EXIT
  fetched roles.sql "$dir/roles.sql"
  fetched database.dump "$dir/database.dump"
  restore_roles "$dir/roles.sql"
  query "DROP DATABASE IF EXISTS \"$fresh\" WITH (FORCE)"
  query "CREATE DATABASE \"$fresh\" OWNER \"$DATABASE_NAME\" TEMPLATE template0"
  as_postgres pg_restore --exit-on-error --single-transaction --dbname="$fresh" <"$dir/database.dump"
  query ANALYZE "$fresh"
  tables=$(query "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'" "$fresh")
  log "restored $KEY as $fresh beside $DATABASE_NAME: $tables tables, nothing else is changed. Look at it; then: server restore swap"
}

# Both names change at one moment, or neither.
swap_names() {
  query "ALTER DATABASE \"$1\" ALLOW_CONNECTIONS false" &&
    query "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname IN ('$1', '$2')" >/dev/null &&
    as_postgres psql -qX -v ON_ERROR_STOP=1 --single-transaction \
      --command="ALTER DATABASE \"$1\" RENAME TO \"$3\"" --command="ALTER DATABASE \"$2\" RENAME TO \"$1\""
}

restore_swap() {
  local fresh=${DATABASE_NAME}_restored before swapped=true
  [[ -n $(query "SELECT 1 FROM pg_database WHERE datname = '$fresh'") ]] || die "there is no $fresh: restore a dump first (server restore dump KEY)"
  before=${DATABASE_NAME}_before_$(date --utc +%Y%m%d%H%M%S)
  # No release may start a container in between.
  alone release
  systemctl stop worker web@a web@b
  swap_names "$DATABASE_NAME" "$fresh" "$before" || swapped=false
  query "ALTER DATABASE \"$DATABASE_NAME\" ALLOW_CONNECTIONS true"
  exec 9>&-
  "$SELF" release --force
  [[ $swapped == true ]] || die "nothing was swapped: $DATABASE_NAME serves as before, and $fresh still waits"
  log "$DATABASE_NAME is what was restored; the one before is kept as $before, closed. To drop it: server restore forget"
}

restore_forget() {
  local name
  query "SELECT datname FROM pg_database WHERE datname ~ '^${DATABASE_NAME}_before_[0-9]{14}\$'" | while IFS= read -r name; do
    query "DROP DATABASE \"$name\" WITH (FORCE)" </dev/null
    log "dropped $name"
  done
  rm -rf "$DATA"/redis.before-*
}

# Redis reads a copy only without its append-only file, and writes a new one when told so. The former files are kept beside.
restore_cache() {
  local dir=$DATA/redis before attempt
  umask 077
  alone restore
  find_dump "$1"
  fetched cache.rdb "$DATA/cache.rdb"
  # No release may start a container in between.
  alone release
  systemctl stop worker web@a web@b redis-server
  before=$DATA/redis.before-$(date --utc +%Y%m%d%H%M%S)
  cp -a "$dir" "$before"
  rm -rf "$dir/appendonlydir"
  install --owner=redis --group=redis --mode=660 "$DATA/cache.rdb" "$dir/dump.rdb"
  rm "$DATA/cache.rdb"
  cache_settings no
  systemctl start redis-server
  for ((attempt = 0; attempt < 600; attempt++)); do
    [[ $(cache_cli PING 2>/dev/null) != PONG ]] || break
    sleep 1
  done
  cache_cli CONFIG SET appendonly yes >/dev/null
  for ((attempt = 0; attempt < 600; attempt++)); do
    [[ $(cache_cli INFO persistence | tr -d '\r' | grep -c -e '^aof_enabled:1' -e '^aof_rewrite_in_progress:0' -e '^aof_rewrite_scheduled:0') != 3 ]] || break
    sleep 1
  done
  cache_settings yes
  exec 9>&-
  "$SELF" release --force
  log "the cache is that of $KEY; the files before are in $before, until: server restore forget"
}
