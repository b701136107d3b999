# What the machine says of itself, and small things that several parts need.

metadata() {
  local token
  token=$(curl -fsS --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
  curl -fsS --retry 5 -H "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"
}

# A password that is made once and kept on the data volume.
password() {
  [[ -s $1 ]] || (umask 077 && od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n' >"$1.new" && sync "$1.new" && mv "$1.new" "$1")
  cat "$1"
}

unit() { put "/etc/systemd/system/$1"; }

# timer NAME CALENDAR [LINE]: runs `server NAME` at these times.
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
${3-}
[Install]
WantedBy=timers.target
END
  ! changed "/etc/systemd/system/server-$1.*" || systemctl daemon-reload
  systemctl enable --quiet --now "server-$1.timer"
}

# Runs one piece of work at a time: a person's and the timer's would meet otherwise.
alone() {
  exec 9>"$STATE/$1.lock"
  flock 9
}

# Runs a function in which a failing command ends it, which `if` and `||` would prevent; RESULT is how it ended.
attempt() {
  set +e
  (set -e && "$@")
  RESULT=$?
  set -e
}
