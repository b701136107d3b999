# Brings the program of the move onto this machine, checks it, and runs one step of it. The settings stand above.
set -euo pipefail
umask 077
export AWS_DEFAULT_REGION="$REGION" PYTHONDONTWRITEBYTECODE=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin

if ! mountpoint --quiet /data; then
  echo 'REFUSED: /data is not mounted: wait until the server has started' >&2
  exit 2
fi

# In memory: a machine that starts anew takes it anew.
mkdir -p /run/data-move

# fetch FILE SHA256 DOCUMENT: one file of the program, from the stack's own document and no other text.
fetch() {
  local path=/run/data-move/$1
  ! sha256sum --status --check <<<"$2  $path" 2>/dev/null || return 0
  aws ssm get-document --name "$3" --query Content --output text |
    jq --raw-output '.mainSteps[0].inputs.runCommand[]' >"$path.new"
  if ! sha256sum --status --check <<<"$2  $path.new"; then
    echo "REFUSED: $1 in document $3 is not the one of this stack's template: deploy the stack again" >&2
    exit 2
  fi
  mv "$path.new" "$path"
}

while read -r file sha256 document; do fetch "$file" "$sha256" "$document"; done <<<"$PROGRAM"

# The address under which the target finds this machine: the one that this machine has on the way to the target.
target_address=$(getent ahostsv4 "$TARGET_HOST" | awk 'NR == 1 { print $1 }')
address=$(ip -4 route get "$target_address" | sed -n 's/.* src \([0-9.]*\).*/\1/p')

export MOVE_STATE=/data/move MOVE_LOG=/var/log/server/move.log MOVE_MODE="$MODE" MOVE_SESSIONS="$SESSIONS" \
  MOVE_TARGET_CONTENTS="$TARGET_CONTENTS" MOVE_SOURCE_OS_USER=postgres \
  MOVE_SOURCE_DSN="host=/var/run/postgresql dbname=$SOURCE_DATABASE user=postgres" \
  MOVE_SOURCE_FROM_TARGET="host=$address port=5432 dbname=$SOURCE_DATABASE sslmode=require" MOVE_HBA_CIDR="$VPC_CIDR" \
  MOVE_TARGET_DSN="host=$TARGET_HOST port=$TARGET_PORT dbname=$TARGET_DATABASE sslmode=require" \
  MOVE_TARGET_SECRET="$TARGET_SECRET" MOVE_CACHE_TARGET="$CACHE_HOST:$CACHE_PORT" MOVE_CACHE_SECRET="$CACHE_SECRET" \
  MOVE_CACHE_SOURCE_PASSWORD_FILE=/data/cache-password MOVE_RECORD_PARAMETER="$RECORD_PARAMETER"
MOVE_MOVED_SETTINGS=$(jq --null-input --compact-output \
  --arg writer "$TARGET_HOST" --arg reader "$READER_HOST" --arg port "$TARGET_PORT" --arg name "$TARGET_DATABASE" \
  --arg secret "$TARGET_SECRET" --arg cache "$CACHE_HOST" --arg cachePort "$CACHE_PORT" --arg cacheSecret "$CACHE_SECRET" \
  '{database: {writerHost: $writer, readerHost: $reader, port: $port, name: $name, sslMode: "require", secretArn: $secret},
    cache: {host: $cache, port: $cachePort, tls: "true", clusterMode: "true", secretArn: $cacheSecret}}')
export MOVE_MOVED_SETTINGS

mkdir -p /var/log/server
if [[ $STEP == sessions ]]; then program=sessions.py; else program=database.py; fi
exec python3 "/run/data-move/$program" "$STEP"
