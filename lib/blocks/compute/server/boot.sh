# The first half of the server's script, in the user data: brings the second half, which is too large for it (16 KB), from a document
# of the stack, and runs that only if it has the SHA-256 that stands above. cloud-init runs `setup` and systemd `run`, both at every start.

readonly BOOT=/usr/local/sbin/server-boot SERVER=/usr/local/sbin/server
export AWS_DEFAULT_REGION="$REGION" AWS_DEFAULT_OUTPUT=text AWS_PAGER='' DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin

# A unit of its own, because cloud-init would not retry.
setup() {
  mkdir -p /etc/server /var/log/server
  put "$BOOT" 700 <"$0"
  sed '/^# END OF SETTINGS$/,$d' "$0" | grep ^readonly | put /etc/server/settings
  put /etc/systemd/system/server-provision.service <<END
[Unit]
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$BOOT run
Restart=on-failure
RestartSec=60
StandardOutput=append:/var/log/server/server.log
StandardError=inherit
[Install]
WantedBy=multi-user.target
END
  systemctl daemon-reload
  systemctl enable --quiet server-provision
  systemctl start --no-block server-provision
}

is_right() { echo "$SCRIPT_SHA256  $1" | sha256sum --check --status 2>/dev/null; }

fetch() {
  local new=$SERVER.new
  aws ssm get-document --name "$SCRIPT_DOCUMENT" --document-format JSON --query Content |
    jq -r '.mainSteps[0].inputs.runCommand[]' >"$new"
  is_right "$new" || die "document $SCRIPT_DOCUMENT does not hold the script that this machine was started for: it is not run"
  chmod 700 "$new"
  sync "$new"
  mv "$new" "$SERVER"
}

run() {
  packages curl ca-certificates
  # First, so that a person can look in (Session Manager) when a later step fails.
  agent amazon-ssm-agent "https://s3.$REGION.$URL_SUFFIX/amazon-ssm-$REGION/latest/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb"
  packages awscli jq
  is_right "$SERVER" || fetch
  exec "$SERVER" provision
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then "${1-setup}"; fi
