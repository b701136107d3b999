#!/bin/bash
# Makes a blank Debian 12 machine into the server, and runs its periodic work. server-provisioning.ts puts the settings
# (REGION, VOLUME_ID, ...) above this text; cloud-init runs the result once, systemd at every later start. Every step may
# be repeated. Nothing here prints a secret. Lines that hold only a comment are removed on the way (16 KB user data limit).
set -euo pipefail
export AWS_DEFAULT_REGION="$REGION" AWS_DEFAULT_OUTPUT=text AWS_PAGER='' DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
readonly LOGGED=$'StandardOutput=append:/var/log/server/server.log\nStandardError=inherit'
readonly SELF=/usr/local/sbin/server DATA=/data STATE=/run/server BRIDGE=192.168.240 POSTGRES=15

log() { echo "$(date --utc +%FT%TZ) $*" >&2; }

die() {
  log "$*"
  exit 1
}

metadata() {
  local token
  token=$(curl -fsS --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
  curl -fsS --retry 5 -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}

packages() {
  dpkg --status "$@" >/dev/null 2>&1 && return
  local apt=(apt-get -qq -o DPkg::Lock::Timeout=600)
  "${apt[@]}" update
  "${apt[@]}" install --no-install-recommends --yes "$@"
}

# Amazon's agents are in no Debian archive: taken over TLS from Amazon's bucket of this region; the package signature is
# not checked (its key would not fit the user data). The server works without them, so a failure is only logged.
agent() {
  local deb name=$1 url=$2
  dpkg --status "$name" >/dev/null 2>&1 && return
  deb=$(mktemp --suffix=.deb)
  { curl -fsSL --retry 5 --output "$deb" "$url" && dpkg --install "$deb"; } || log "could not install $name from $url"
  rm -f "$deb"
}

# A volume attached as /dev/sdf shows up under any NVMe name; its serial number is the volume id without the dash.
volume_device() {
  lsblk --nodeps --noheadings --output PATH,SERIAL | awk -v serial="${VOLUME_ID//-/}" '$2 == serial { print $1 }'
}

# The volume is never detached by force: two machines writing to one file system would destroy it. A machine that is being
# terminated lets go of it within minutes; until then this waits, and systemd starts it anew after that.
attach_volume() {
  local attempt
  for ((attempt = 0; attempt < 120; attempt++)); do
    [[ -z $(volume_device) ]] || return 0
    aws ec2 attach-volume --volume-id "$VOLUME_ID" --instance-id "$INSTANCE" --device /dev/sdf >/dev/null || true
    sleep 5
  done
  die "volume $VOLUME_ID is still held by another machine"
}

# Says what is on a device: ours, blank, or foreign. blkid also answers 2 when it cannot read, and knows not every format,
# so blank means: no signature, and 16 MiB of zeros really read.
classify_volume() {
  local device=$1 found status=0
  found=$(blkid --probe --output export "$device") || status=$?
  if ((status == 0)) && grep -qx LABEL=server-data <<<"$found" && grep -qx TYPE=ext4 <<<"$found"; then
    echo ours
  elif ((status == 2)) && cmp --silent --bytes=16777216 "$device" /dev/zero; then
    echo blank
  else
    echo foreign
  fi
}

mount_once() { mountpoint --quiet "$1" || mount "$1"; }

mount_volume() {
  local device uuid from to
  device=$(volume_device)
  if ! mountpoint --quiet "$DATA"; then
    case $(classify_volume "$device") in
      ours) e2fsck -p "$device" || (($? == 1)) || die "the file system on $VOLUME_ID needs a person: run e2fsck $device" ;;
      blank) mkfs.ext4 -q -L server-data "$device" ;;
      *) die "$VOLUME_ID holds something this server did not write: it is left untouched" ;;
    esac
  fi
  uuid=$(blkid --probe --match-tag UUID --output value "$device")
  sed -i '/x-server/d' /etc/fstab
  echo "UUID=$uuid $DATA ext4 defaults,nofail,x-server 0 2" >>/etc/fstab
  mkdir -p "$DATA"
  mount_once "$DATA"
  # Mounted over the packages' own paths before the packages come, so that no service ever writes to the root disk.
  while read -r from to; do
    mkdir -p "$DATA/$from" "$to"
    echo "$DATA/$from $to none bind,nofail,x-systemd.requires-mounts-for=$DATA,x-server 0 0" >>/etc/fstab
    mount_once "$to"
  done <<END
postgresql/data /var/lib/postgresql
postgresql/config /etc/postgresql
redis /var/lib/redis
letsencrypt /etc/letsencrypt
END
  chmod 711 "$DATA"
  grow_volume
}

# Stretches the file system over a volume that was made larger.
grow_volume() { resize2fs "$(findmnt --noheadings --output SOURCE $DATA)" >/dev/null 2>&1 || log "could not grow $DATA"; }

install_packages() {
  local unit
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  for unit in postgresql@ redis-server nginx; do
    mkdir -p "/etc/systemd/system/$unit.service.d"
    printf '[Unit]\nRequiresMountsFor=/var/lib/postgresql /etc/postgresql /var/lib/redis /etc/letsencrypt\n' \
      >"/etc/systemd/system/$unit.service.d/volume.conf"
  done
  mkdir -p /etc/docker
  echo "{\"bip\":\"$BRIDGE.1/24\"}" >/etc/docker/daemon.json
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  packages redis-server nginx certbot docker.io iptables ssl-cert unattended-upgrades logrotate
  [[ $DATABASE_ON_SERVER != true ]] || packages "postgresql-$POSTGRES"
  rm /usr/sbin/policy-rc.d
  printf 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Automatic-Reboot "true";\nUnattended-Upgrade::Automatic-Reboot-Time "04:30";\n' >/etc/apt/apt.conf.d/60server
  if [[ ! -e /swapfile ]]; then
    fallocate --length 1G /swapfile.new
    chmod 600 /swapfile.new
    mkswap /swapfile.new >/dev/null
    mv /swapfile.new /swapfile
  fi
  grep -q ^/swapfile /etc/fstab || echo '/swapfile none swap sw 0 0' >>/etc/fstab
  swapon --all || true
  printf 'vm.overcommit_memory = 1\nvm.swappiness = 10\n' >/etc/sysctl.d/60-server.conf
  sysctl -q -p /etc/sysctl.d/60-server.conf || true
  systemctl daemon-reload
}

password() {
  [[ -s $1 ]] || (umask 077 && od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n' >"$1.new" && sync "$1.new" && mv "$1.new" "$1")
  cat "$1"
}

# Debian numbers its service users by order of installation, so the files of an earlier server may belong to a stranger.
start_database() {
  local config=/etc/postgresql/$POSTGRES/main found secret
  chown -R postgres:postgres /var/lib/postgresql /etc/postgresql
  if [[ ! -e $config/postgresql.conf ]]; then
    found=$(ls /var/lib/postgresql)
    [[ -z $found ]] || die "the volume holds PostgreSQL data of another version ($found), this server runs $POSTGRES"
    pg_createcluster "$POSTGRES" main --locale=C.UTF-8 --encoding=UTF8 -- --data-checksums
  fi
  # wal_level=logical lets a later database cluster follow this one while it still serves.
  printf "listen_addresses = '*'\nwal_level = logical\npassword_encryption = 'scram-sha-256'\n" >"$config/conf.d/server.conf"
  grep -q "$BRIDGE.0/24" "$config/pg_hba.conf" ||
    echo "host all all $BRIDGE.0/24 scram-sha-256" >>"$config/pg_hba.conf"
  chown -R postgres:postgres "$config"
  systemctl start "postgresql@$POSTGRES-main"
  secret=$(password $DATA/database-password)
  runuser -u postgres -- psql -qX -v ON_ERROR_STOP=1 <<END
SET log_min_error_statement = panic;
SELECT 'CREATE ROLE "$DATABASE_NAME" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$DATABASE_NAME') \gexec
ALTER ROLE "$DATABASE_NAME" PASSWORD '$secret';
SELECT 'CREATE DATABASE "$DATABASE_NAME" OWNER "$DATABASE_NAME"'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$DATABASE_NAME') \gexec
END
}

start_cache() {
  local memory secret
  secret=$(password $DATA/cache-password)
  memory=$(awk '/^MemTotal/ { print int($2 / 8) "kb" }' /proc/meminfo)
  chown -R redis:redis /var/lib/redis
  (umask 027 && cat >/etc/redis/server.conf) <<END
bind 0.0.0.0
requirepass $secret
appendonly yes
maxmemory $memory
maxmemory-policy volatile-lru
END
  chgrp redis /etc/redis/server.conf
  grep -q server.conf /etc/redis/redis.conf || echo 'include /etc/redis/server.conf' >>/etc/redis/redis.conf
  systemctl start redis-server
}

# Until the certificate has come, a self-signed one answers: never a password over plain HTTP.
use_certificate() {
  local live=/etc/letsencrypt/live/server
  mkdir -p /etc/nginx/tls /var/www/acme
  if [[ -e $live/fullchain.pem ]]; then
    ln -sfn $live/fullchain.pem /etc/nginx/tls/certificate
    ln -sfn $live/privkey.pem /etc/nginx/tls/key
  else
    ln -sfn /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/nginx/tls/certificate
    ln -sfn /etc/ssl/private/ssl-cert-snakeoil.key /etc/nginx/tls/key
  fi
}

# Headers are added only where the application did not set its own.
start_web() {
  local open='listen 80 default_server;'
  use_certificate
  if [[ -n $DOMAIN ]]; then
    open="listen 443 ssl http2; server_name $DOMAIN; add_header Strict-Transport-Security max-age=31536000 always;"
  fi
  rm -f /etc/nginx/sites-enabled/default
  cat >/etc/nginx/conf.d/server.conf <<'END'
server_tokens off;
gzip_vary on;
gzip_proxied any;
gzip_min_length 1024;
gzip_types text/plain text/css text/xml application/json application/javascript application/xml image/svg+xml;
ssl_certificate /etc/nginx/tls/certificate;
ssl_certificate_key /etc/nginx/tls/key;
map $http_upgrade $connection_header { default upgrade; '' ''; }
map $upstream_http_x_content_type_options $nosniff { '' nosniff; }
map $upstream_http_x_frame_options $frame { '' SAMEORIGIN; }
map $upstream_http_referrer_policy $referrer { '' strict-origin-when-cross-origin; }
END
  [[ -z $DOMAIN ]] || cat >>/etc/nginx/conf.d/server.conf <<END
server {
  listen 80 default_server;
  location /.well-known/acme-challenge/ { root /var/www/acme; }
  location / { return 301 https://$DOMAIN\$request_uri; }
}
server { listen 443 ssl http2 default_server; ssl_reject_handshake on; }
END
  cat >>/etc/nginx/conf.d/server.conf <<END
server {
  $open
  add_header X-Content-Type-Options \$nosniff always;
  add_header X-Frame-Options \$frame always;
  add_header Referrer-Policy \$referrer always;
  client_max_body_size 50m;
  location / {
    proxy_pass http://127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_set_header Host \$host;
    proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto \$scheme;
    proxy_set_header Upgrade \$http_upgrade;
    proxy_set_header Connection \$connection_header;
  }
}
END
  nginx -t -q
  systemctl start nginx
  systemctl reload nginx
}

unit() { cat >"/etc/systemd/system/$1"; }

timer() {
  unit "server-$1.service" <<END
[Unit]
Requires=server-provision.service
After=server-provision.service
[Service]
Type=oneshot
ExecStart=$SELF $1
$LOGGED
END
  unit "server-$1.timer" <<END
[Timer]
OnCalendar=$2
AccuracySec=1
[Install]
WantedBy=timers.target
END
  systemctl daemon-reload
  systemctl enable --quiet --now "server-$1.timer"
}

start_periodic_work() {
  unit app@.service <<'END'
[Unit]
Wants=docker.service
After=docker.service
StartLimitIntervalSec=0
[Service]
EnvironmentFile=/run/server/%i.unit
ExecStartPre=-/usr/bin/docker rm --force %i
ExecStart=/usr/bin/docker run --rm --init --name %i --log-driver none --env-file /run/server/%i.env $OPTIONS $IMAGE
ExecStop=/usr/bin/docker stop --time 30 %i
Restart=always
RestartSec=5
StandardOutput=append:/var/log/server/%i.log
StandardError=inherit
END
  systemctl start docker
  timer release '*:*'
  timer heartbeat '*:*:30'
  [[ -z $DOMAIN ]] || timer certificate '*:0/5'
}

ship_logs() {
  local config=/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json path list=''
  printf '/var/log/server/*.log {\n  daily\n  maxsize 50M\n  rotate 7\n  compress\n  copytruncate\n  missingok\n}\n' >/etc/logrotate.d/server
  agent amazon-cloudwatch-agent "https://amazoncloudwatch-agent-$REGION.s3.$REGION.$URL_SUFFIX/debian/$(dpkg --print-architecture)/latest/amazon-cloudwatch-agent.deb"
  [[ -d ${config%/*} ]] || return 0
  for path in server/server.log server/web.log server/worker.log nginx/access.log nginx/error.log redis/redis-server.log \
    "postgresql/postgresql-$POSTGRES-main.log"; do
    list+="${list:+,}{\"file_path\":\"/var/log/$path\",\"log_group_name\":\"$LOG_GROUP\",\"log_stream_name\":\"$INSTANCE/$path\"}"
  done
  echo "{\"logs\":{\"logs_collected\":{\"files\":{\"collect_list\":[$list]}}}}" >"$config"
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c "file:$config" >/dev/null ||
    log 'could not start the log agent'
}

provision() {
  packages curl
  INSTANCE=$(metadata instance-id)
  readonly INSTANCE
  mkdir -p "$STATE"
  # First, so that a person can look in (Session Manager) when a later step fails.
  agent amazon-ssm-agent "https://s3.$REGION.$URL_SUFFIX/amazon-ssm-$REGION/latest/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb"
  packages awscli jq
  attach_volume
  mount_volume
  install_packages
  aws ec2 associate-address --allocation-id "$ALLOCATION_ID" --instance-id "$INSTANCE" --allow-reassociation >/dev/null
  [[ $DATABASE_ON_SERVER != true ]] || start_database
  start_cache
  start_web
  ship_logs
  start_periodic_work
  # Fails when no deployment is waiting for it, such as after a reboot.
  aws cloudformation signal-resource --stack-name "$STACK_NAME" --logical-resource-id "$SIGNAL_RESOURCE" \
    --unique-id "$INSTANCE" --status SUCCESS 2>/dev/null || true
  log 'the server is ready'
}

# The containers' environment: what the release says, then the secrets, then what only this machine knows.
# It is written to memory (/run), never to a disk. server-provisioning.ts refuses a name that is set here.
write_environment() {
  local dir=$1 name arn field secret
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
  secret=$(password $DATA/cache-password)
  printf '%s\n' "SHARED_CACHE_HOST=$BRIDGE.1" >>"$dir/lines"
  printf 'CACHE_%s\n' "HOST=$BRIDGE.1" PORT=6379 TLS=false CLUSTER_MODE=false USER=default "PASSWORD=$secret" >>"$dir/lines"
  if [[ $DATABASE_ON_SERVER == true ]]; then
    secret=$(password $DATA/database-password)
    printf 'DATABASE_%s\n' "WRITER_HOST=$BRIDGE.1" "READER_HOST=$BRIDGE.1" PORT=5432 "NAME=$DATABASE_NAME" \
      "USER=$DATABASE_NAME" "PASSWORD=$secret" SSL_MODE=disable >>"$dir/lines"
  fi
  for name in web worker; do
    { cat "$dir/lines" && printf '%s\n' "PROCESS_TYPE=$name" "AWS_REGION=$REGION"; } >"$dir/$name.env"
  done
}

# Brings the containers to what the release parameter says. The running ones are touched only after everything new is here.
release() {
  local dir image port registry options
  umask 077
  dir=$(mktemp --directory "$STATE/release.XXXXXX")
  # shellcheck disable=SC2064
  trap "rm -rf '$dir'" EXIT
  aws ssm get-parameter --name "$RELEASE_PARAMETER" --query Parameter.Value >"$dir/release"
  [[ ${1-} == --force ]] || ! cmp --silent "$dir/release" "$STATE/release" || return 0
  image=$(jq -r .image "$dir/release") port=$(jq -r .port "$dir/release") registry=${image%%/*}
  options=$(jq -r '.options // ""' "$dir/release")
  if [[ $registry == *.dkr.ecr.*.amazonaws.com* ]]; then
    aws ecr get-login-password --region "$(cut -d. -f4 <<<"$registry")" |
      docker login --username AWS --password-stdin "$registry" >/dev/null 2>&1
  fi
  docker pull --quiet "$image" >/dev/null || docker image inspect "$image" >/dev/null
  write_environment "$dir"
  printf 'IMAGE=%s\nOPTIONS="%s --publish 127.0.0.1:8080:%s"\n' "$image" "$options" "$port" >"$dir/web.unit"
  printf 'IMAGE=%s\nOPTIONS="%s"\n' "$image" "$options" >"$dir/worker.unit"
  mv "$dir"/{web,worker}.{env,unit} "$STATE"
  systemctl restart app@web app@worker
  mv "$dir/release" "$STATE/release"
  docker image prune --all --force >/dev/null
  log "runs $image"
}

# Asks for the health check path as a visitor would, each minute; reports each fifth time (a request costs money).
heartbeat() {
  local path url=http://127.0.0.1 up=0 used
  path=$(jq -r .healthCheckPath "$STATE/release" 2>/dev/null || echo /)
  [[ -z $DOMAIN ]] || url=https://$DOMAIN
  ! curl -fsS --max-time 10 --output /dev/null "$url$path" || up=1
  echo $up >>"$STATE/probes"
  grow_volume
  (($(wc -l <"$STATE/probes") >= 5)) || return 0
  used=$(df --output=pcent $DATA | tr -dc 0-9)
  aws cloudwatch put-metric-data --namespace "$METRIC_NAMESPACE" --metric-data \
    "MetricName=Up,Dimensions=[{Name=Volume,Value=$VOLUME_ID}],Values=[$(tail -n 99 "$STATE/probes" | paste -sd,)]" \
    "MetricName=DataVolumeUsed,Dimensions=[{Name=Volume,Value=$VOLUME_ID}],Unit=Percent,Value=$used"
  rm "$STATE/probes"
}

# Asks only when the name already leads here, and at most every half hour: five failures an hour lock a name out
# (Let's Encrypt, failed validation limit). Renewal is certbot's own timer.
certificate() {
  local address
  [[ ! -e /etc/letsencrypt/live/server/fullchain.pem ]] || return 0
  [[ -z $(find "$STATE/certificate-asked" -mmin -30 2>/dev/null) ]] || return 0
  address=$(metadata public-ipv4)
  getent ahostsv4 "$DOMAIN" | grep -q "^$address " || return 0
  touch "$STATE/certificate-asked"
  certbot certonly --quiet --non-interactive --agree-tos --register-unsafely-without-email --cert-name server \
    --webroot --webroot-path /var/www/acme --domain "$DOMAIN" --deploy-hook 'systemctl reload nginx'
  use_certificate
  systemctl reload nginx
}

# A unit of its own, because cloud-init would neither retry nor run again after a reboot.
setup() {
  install --mode=700 "$0" $SELF
  mkdir -p /var/log/server
  unit server-provision.service <<END
[Unit]
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$SELF provision
Restart=on-failure
RestartSec=60
$LOGGED
[Install]
WantedBy=multi-user.target
END
  systemctl daemon-reload
  systemctl enable --quiet server-provision
  systemctl start --no-block server-provision
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  case ${1-setup} in
    setup | provision | release | heartbeat | certificate) "${1-setup}" "${@:2}" ;;
    *) die "usage: $0 provision | release [--force] | heartbeat | certificate" ;;
  esac
fi
