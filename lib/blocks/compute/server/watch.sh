# Logs and metrics.

ship_logs() {
  local config=/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json path base list=''
  local -a places=()
  put /etc/logrotate.d/server <<'END'
/var/log/server/*.log {
  daily
  maxsize 50M
  rotate 7
  compress
  copytruncate
  missingok
}
END
  # For Debian on Arm there was none for years; that for Ubuntu is the same (aws/amazon-cloudwatch-agent#262, #722).
  base=https://amazoncloudwatch-agent-$REGION.s3.$REGION.$URL_SUFFIX
  for path in debian ubuntu; do places+=("$base/$path/$(dpkg --print-architecture)/latest/amazon-cloudwatch-agent.deb"); done
  agent amazon-cloudwatch-agent "${places[@]}"
  [[ -d ${config%/*} ]] || return 0
  for path in server/server.log server/web.log server/worker.log nginx/access.log nginx/error.log redis/redis-server.log \
    "postgresql/postgresql-$POSTGRES-main.log"; do
    list+="${list:+,}{\"file_path\":\"/var/log/$path\",\"log_group_name\":\"$LOG_GROUP\",\"log_stream_name\":\"$INSTANCE/$path\"}"
  done
  echo "{\"logs\":{\"logs_collected\":{\"files\":{\"collect_list\":[$list]}}}}" | put "$config"
  ! changed "$config" || /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c "file:$config" >/dev/null ||
    log 'could not start the log agent'
}

# Seconds within which 95 of 100 requests of the last five minutes were answered; nothing when there were none. Only what visitors
# asked the application: not the heartbeat, not what nginx answered by itself, no connection that was kept open on purpose.
response_time() {
  local log=${1-/var/log/nginx/access.log} since
  since=$(($(date +%s) - 300))
  { tail --quiet --lines=100000 "$log.1" "$log" 2>/dev/null || true; } |
    jq --raw-input --raw-output --argjson since "$since" 'fromjson? | select(.at >= $since and .upstream != "" and .status != 101
      and (.agent | startswith("server-heartbeat") | not)) | .request_time' |
    sort --general-numeric-sort | awk '{ value[NR] = $1 } END { if (NR) print value[int((NR * 95 + 99) / 100)] }'
}

# The fuller of the data volume and the system's own disk, by space or by number of files.
disk_used() { df --output=pcent,ipcent "$DATA" / | tr -dc '0-9\n ' | tr ' ' '\n' | sort --numeric-sort | tail -n 1; }

memory_used() { awk '/^MemTotal/ { total = $2 } /^MemAvailable/ { free = $2 } END { printf "%.1f\n", 100 * (1 - free / total) }' /proc/meminfo; }

# Share of the whole machine that PostgreSQL's unit used since the last time; nothing the first time, or after it started anew.
database_cpu() {
  local file=$STATE/database-cpu now used before=0 since=0
  used=$(systemctl show --property=CPUUsageNSec --value "postgresql@$POSTGRES-main")
  [[ $used =~ ^[0-9]+$ ]] || return 0
  now=$(date +%s%N)
  read -r since before 2>/dev/null <"$file" || true
  echo "$now $used" >"$file"
  ((since > 0 && used >= before && now > since)) || return 0
  awk -v used="$((used - before))" -v time="$((now - since))" -v cpus="$(nproc)" 'BEGIN { printf "%.1f\n", 100 * used / time / cpus }'
}

# Hours since the last dump that was read back whole.
backup_age() {
  [[ -s $DATA/last-dump ]] || return 0
  awk -v now="$(date +%s)" '{ printf "%.2f\n", (now - $1) / 3600 }' "$DATA/last-dump"
}

# Days until the certificate ends; 0 while there is none.
certificate_days() {
  local end file=/etc/letsencrypt/live/server/fullchain.pem
  [[ -n $DOMAIN ]] || return 0
  has_certificate || { echo 0 && return; }
  end=$(openssl x509 -enddate -noout -in "$file")
  echo $((($(date --date="${end#*=}" +%s) - $(date +%s)) / 86400))
}

# Asks for the health check path as a visitor would, each minute; reports each fifth time (a request costs money).
heartbeat() {
  local path url=http://127.0.0.1 up=0 name unit value
  local -a data
  path=$(jq -r .healthCheckPath "$STATE/release" 2>/dev/null || echo /)
  [[ -z $DOMAIN ]] || url=https://$DOMAIN
  ! curl -fsS --max-time 10 --user-agent server-heartbeat --output /dev/null "$url$path" || up=1
  echo $up >>"$STATE/probes"
  grow_volume
  (($(wc -l <"$STATE/probes") >= 5)) || return 0
  data=("MetricName=Up,Dimensions=[{Name=Volume,Value=$VOLUME_ID}],Values=[$(tail -n 99 "$STATE/probes" | paste -sd,)]")
  while read -r name unit value; do
    # What cannot be measured must not silence the rest.
    value=$($value) || log "could not measure $name"
    [[ -z $value ]] || data+=("MetricName=$name,Dimensions=[{Name=Volume,Value=$VOLUME_ID}],Unit=$unit,Value=$value")
  done <<'END'
ResponseTime Seconds response_time
DataVolumeUsed Percent disk_used
MemoryUsed Percent memory_used
DatabaseCpu Percent database_cpu
BackupAge None backup_age
CertificateDays None certificate_days
END
  aws cloudwatch put-metric-data --namespace "$METRIC_NAMESPACE" --metric-data "${data[@]}"
  rm "$STATE/probes"
}
