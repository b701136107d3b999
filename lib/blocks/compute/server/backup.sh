# A logical dump of everything, each night, into a bucket from which this machine cannot delete. Nothing is stored here on the way.

# stored NAME COMMAND...: sends what a command prints to the bucket, reads all of it back, and says its size and checksum as JSON.
# Kept only if the same bytes came back; a dump of PostgreSQL must also have a table of contents.
stored() {
  local name=$1 key=$KEY/$1 sent back size
  shift
  sent=$({ "$@" | tee /dev/fd/3 | aws s3 cp --only-show-errors - "s3://$DUMP_BUCKET/$key" >&2; } 3>&1 | sha256sum)
  size=$(aws s3api head-object --bucket "$DUMP_BUCKET" --key "$key" --query ContentLength)
  back=$(aws s3 cp --only-show-errors "s3://$DUMP_BUCKET/$key" - | { if [[ $name == *.dump ]]; then checked_dump; else cat; fi; } | sha256sum)
  [[ $size -gt 0 && $sent == "$back" ]] || die "what came back of s3://$DUMP_BUCKET/$key is not what was sent"
  jq --null-input --arg name "$name" --argjson bytes "$size" --arg sha256 "${sent%% *}" '{($name): {bytes: $bytes, sha256: $sha256}}'
}

# Passes a dump on, and fails when pg_restore cannot list it.
checked_dump() {
  tee >(pg_restore --list >"$STATE/dump.list" && cat >/dev/null)
  # The list is complete when its process is done, which bash tells by this.
  wait $!
  grep -q '^; *TOC Entries: *[1-9]' "$STATE/dump.list"
}

dump_database() { as_postgres pg_dump --format=custom --dbname="$DATABASE_NAME"; }
dump_roles() { as_postgres pg_dumpall --globals-only; }
dump_cache() { cache_cli --rdb -; }

# The parts, then what they are in one file, without which a dump does not count; then the fact, on the data volume.
dump() {
  local parts='{}' now
  umask 077
  alone dump
  now=$(date --utc +%FT%H-%M-%SZ)
  KEY=dumps/$now
  if [[ $DATABASE_ON_SERVER == true ]]; then
    parts+=$(stored database.dump dump_database)
    parts+=$(stored roles.sql dump_roles)
  fi
  parts+=$(stored cache.rdb dump_cache)
  jq --slurp --arg at "$now" --arg name "$DATABASE_NAME" '{at: $at, database: $name, parts: add}' <<<"$parts" |
    aws s3 cp --only-show-errors - "s3://$DUMP_BUCKET/$KEY/complete.json" >&2
  date +%s >"$DATA/last-dump.new"
  sync "$DATA/last-dump.new"
  mv "$DATA/last-dump.new" "$DATA/last-dump"
  log "dumped to s3://$DUMP_BUCKET/$KEY"
}

start_backups() {
  [[ -n $DUMP_BUCKET ]] || return 0
  # Persistent: a night that the machine was off is made up for.
  timer dump '*-*-* 02:30' $'Persistent=true\nRandomizedDelaySec=600'
  # The first one at once.
  [[ -e $DATA/last-dump ]] || systemctl start --no-block server-dump.service
}
