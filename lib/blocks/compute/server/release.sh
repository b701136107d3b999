# The product's containers: two slots for the web, of which one answers, and the worker.

install_units() {
  unit web@.service <<'END'
[Unit]
Wants=docker.service
After=docker.service
StartLimitIntervalSec=0
[Service]
EnvironmentFile=/run/server/web-%i.unit
ExecStartPre=-/usr/bin/docker rm --force web-%i
ExecStart=/usr/bin/docker run --rm --init --name web-%i --log-driver none --env-file /run/server/web-%i.env $OPTIONS $IMAGE
ExecStop=/usr/bin/docker stop --time 30 web-%i
Restart=always
RestartSec=5
StandardOutput=append:/var/log/server/web.log
StandardError=inherit
END
  unit worker.service <<'END'
[Unit]
Wants=docker.service
After=docker.service
StartLimitIntervalSec=0
[Service]
EnvironmentFile=/run/server/worker.unit
ExecStartPre=-/usr/bin/docker rm --force worker
ExecStart=/usr/bin/docker run --rm --init --name worker --log-driver none --env-file /run/server/worker.env $OPTIONS $IMAGE
ExecStop=/usr/bin/docker stop --time 30 worker
Restart=always
RestartSec=5
StandardOutput=append:/var/log/server/worker.log
StandardError=inherit
END
  ! changed '/etc/systemd/system/*' || systemctl daemon-reload
  systemctl start docker
}

# Where the database and the cache are: here.
own_stores() {
  local secret
  secret=$(password "$DATA/cache-password")
  printf '%s\n' "SHARED_CACHE_HOST=$BRIDGE.1"
  printf 'CACHE_%s\n' "HOST=$BRIDGE.1" PORT=6379 TLS=false CLUSTER_MODE=false USER=default "PASSWORD=$secret"
  if [[ $DATABASE_ON_SERVER == true ]]; then
    secret=$(password "$DATA/database-password")
    printf 'DATABASE_%s\n' "WRITER_HOST=$BRIDGE.1" "READER_HOST=$BRIDGE.1" "REPORTING_HOST=$BRIDGE.1" PORT=5432 \
      "NAME=$DATABASE_NAME" "USER=$DATABASE_NAME" "PASSWORD=$secret" SSL_MODE=disable
  fi
}

# Where they are after the data has moved, as the move wrote it down: the site is served from here until its name leads elsewhere.
moved_stores() {
  local dir=$1 part arn
  for part in database cache; do
    arn=$(jq --raw-output --arg part "$part" '.[$part].secretArn' "$DATA/database-moved")
    aws secretsmanager get-secret-value --secret-id "$arn" --query SecretString >"$dir/secret"
    jq --raw-output --arg part "$part" --slurpfile secret "$dir/secret" '
      def lines(names): . as $of | names | to_entries[] | "\(.key)=\($of[.value])";
      .[$part] + {user: $secret[0].username, password: $secret[0].password} |
      if $part == "database" then lines({DATABASE_WRITER_HOST: "writerHost", DATABASE_READER_HOST: "readerHost",
        DATABASE_REPORTING_HOST: "readerHost", DATABASE_PORT: "port", DATABASE_NAME: "name", DATABASE_USER: "user",
        DATABASE_PASSWORD: "password", DATABASE_SSL_MODE: "sslMode"})
      else lines({SHARED_CACHE_HOST: "host", CACHE_HOST: "host", CACHE_PORT: "port", CACHE_TLS: "tls", CACHE_CLUSTER_MODE: "clusterMode",
        CACHE_USER: "user", CACHE_PASSWORD: "password"}) end' "$DATA/database-moved"
  done
}

# The containers' environment: what the release says, then the secrets, then what only this machine knows.
# It is written to memory (/run), never to a disk. server-release.ts refuses a name that is set here.
write_environment() {
  local dir=$1 name arn field
  jq .environment "$dir/release" >"$dir/env"
  while IFS=$'\t' read -r name arn field; do
    aws secretsmanager get-secret-value --secret-id "$arn" --query SecretString >"$dir/secret"
    jq --arg name "$name" --arg field "$field" --rawfile value "$dir/secret" \
      '.[$name] = ($value | fromjson[$field] | tostring)' "$dir/env" >"$dir/next"
    mv "$dir/next" "$dir/env"
  done < <(jq -r '.secrets[] | [.name, .arn, .field] | @tsv' "$dir/release")
  # docker reads one NAME=value a line and unquotes nothing.
  name=$(jq -r 'to_entries | map(select(.value | contains("\n")).key) | join(" ")' "$dir/env")
  [[ -z $name ]] || die "an environment file cannot carry values of several lines: $name"
  jq -r 'to_entries[] | "\(.key)=\(.value)"' "$dir/env" >"$dir/lines"
  if [[ -e $DATA/database-moved ]]; then moved_stores "$dir"; else own_stores; fi >>"$dir/lines"
  for name in web worker; do
    { cat "$dir/lines" && printf '%s\n' "PROCESS_TYPE=$name" "AWS_REGION=$REGION"; } >"$dir/$name.env"
  done
}

# The slot that nginx asks: a or b.
answering() { if grep -q :8081 /etc/nginx/server/upstream.conf; then echo b; else echo a; fi; }

other() { if [[ $1 == a ]]; then echo b; else echo a; fi; }

# Whether a container answers its health check, twice in a row, within two minutes.
is_healthy() {
  local url=$1 until=$((SECONDS + HEALTH_SECONDS)) good=0
  while ((SECONDS < until)); do
    if curl -fs --max-time 5 --output /dev/null "$url"; then good=$((good + 1)); else good=0; fi
    ((good < 2)) || return 0
    sleep 1
  done
  return 1
}
HEALTH_SECONDS=120

readonly IMAGE_NAME='^[A-Za-z0-9][A-Za-z0-9._/:@-]*$'

# start_release DIR: starts what DIR/release says beside what runs, and lets nginx ask it when it is healthy. 2: it is not.
start_release() {
  local dir=$1 image port registry options old new publish workers worker until
  image=$(jq -r .image "$dir/release") port=$(jq -r .port "$dir/release") registry=${image%%/*}
  options=$(jq -r '.options // ""' "$dir/release")
  # The containers' role may write the parameter: what stands in it becomes no option of docker's that makes one of them root.
  [[ $image =~ $IMAGE_NAME && $port =~ ^[0-9]+$ && $options =~ ^((--user=[0-9:]+|--read-only|--tmpfs=/tmp:size=[0-9]+m)( |$))*$ ]] ||
    die "the release parameter holds what no release has (image $image, port $port, options $options): it is not run"
  if [[ $registry == *.dkr.ecr.*.amazonaws.com* ]]; then
    aws ecr get-login-password --region "$(cut -d. -f4 <<<"$registry")" |
      docker login --username AWS --password-stdin "$registry" >/dev/null 2>&1
  fi
  docker pull --quiet "$image" >/dev/null || docker image inspect "$image" >/dev/null
  write_environment "$dir"
  old=$(answering) new=$(other "$old")
  if [[ $new == a ]]; then publish=8080; else publish=8081; fi
  printf 'IMAGE=%s\nOPTIONS="%s --publish 127.0.0.1:%s:%s"\n' "$image" "$options" "$publish" "$port" >"$dir/web.unit"
  printf 'IMAGE=%s\nOPTIONS="%s"\n' "$image" "$options" >"$dir/worker.unit"
  mv "$dir/web.env" "$STATE/web-$new.env"
  mv "$dir/web.unit" "$STATE/web-$new.unit"
  systemctl restart "web@$new"
  if ! is_healthy "http://127.0.0.1:$publish$(jq -r .healthCheckPath "$dir/release")"; then
    # While nothing answers, a slow start is better than none.
    if systemctl --quiet is-active "web@$old" || [[ -s $DATA/good-release ]]; then
      systemctl stop "web@$new"
      return 2
    fi
    log "$image does not answer its health check yet, and there is no other: it goes on"
  else
    install --mode=600 "$dir/release" "$DATA/good-release"
  fi
  upstream "$new" "$(date +%s)"
  workers=$(web_workers)
  reload_web
  mv "$dir"/worker.{env,unit} "$STATE"
  systemctl restart worker
  install --mode=600 "$dir/release" "$STATE/release"
  # Workers of nginx that knew the old slot only leave with their last answer; for an open WebSocket nobody waits any longer.
  until=$((SECONDS + DRAIN_SECONDS))
  for worker in $workers; do
    while [[ -e /proc/$worker ]] && ((SECONDS < until)); do sleep 1; done
  done
  systemctl stop "web@$old"
  docker image prune --all --force >/dev/null
  log "runs $image"
}
DRAIN_SECONDS=30

# release [--force]: brings the containers to what the release parameter says. One that is not healthy is refused, and tried again
# only when the parameter says something else, or with --force; what ran before goes on, or the last good one is started.
release() {
  local dir result=0
  umask 077
  alone release
  if [[ -e $DATA/database-hold ]]; then
    log 'the data is being moved: the containers stay stopped'
    return 0
  fi
  dir=$(mktemp --directory "$STATE/release.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$dir'" EXIT
  aws ssm get-parameter --name "$RELEASE_PARAMETER" --query Parameter.Value >"$dir/release"
  if [[ ${1-} != --force ]]; then
    ! cmp --silent "$dir/release" "$STATE/release" || ! systemctl --quiet is-active "web@$(answering)" || return 0
    # While nothing answers, it is tried again each minute.
    ! cmp --silent "$dir/release" "$STATE/refused" || ! systemctl --quiet is-active "web@$(answering)" || return 0
  fi
  rm -f "$STATE/refused"
  cp "$dir/release" "$dir/wanted"
  attempt start_release "$dir"
  result=$RESULT
  if ((result == 2)); then
    mv "$dir/wanted" "$STATE/refused"
    log "REFUSED: $(jq -r .image "$STATE/refused") did not answer its health check within $HEALTH_SECONDS seconds; see /var/log/server/web.log"
    if ! systemctl --quiet is-active "web@$(answering)"; then
      log 'starts the last good release instead'
      cp "$DATA/good-release" "$dir/release"
      start_release "$dir"
    fi
  fi
  return "$result"
}

# deploy IMAGE: writes the image into the release parameter, runs it, and puts the former back when it is not healthy.
deploy() {
  local before after
  [[ ${1-} =~ $IMAGE_NAME ]] || die "usage: server deploy IMAGE, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1.4.2"
  alone deploy
  [[ ! -e $DATA/database-hold ]] || die "$1 is not deployed while the data is being moved: do it afterwards"
  before=$(aws ssm get-parameter --name "$RELEASE_PARAMETER" --query Parameter.Value)
  after=$(jq --compact-output --arg image "$1" '.image = $image' <<<"$before")
  aws ssm put-parameter --name "$RELEASE_PARAMETER" --value "$after" --overwrite >/dev/null
  attempt release --force
  if ((RESULT == 0)); then
    log "deployed $1"
    return
  fi
  aws ssm put-parameter --name "$RELEASE_PARAMETER" --value "$before" --overwrite >/dev/null
  attempt release
  die "$1 was not deployed: the release before it runs"
}
