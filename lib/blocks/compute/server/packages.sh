# Debian's packages, and their security updates.

install_packages() {
  local unit
  mkdir -p /etc/postgresql-common/createcluster.d /etc/docker
  echo 'create_main_cluster = false' | put /etc/postgresql-common/createcluster.d/server.conf
  # Debian's PostgreSQL has no time-out: when it cannot start, on a full disk, whoever starts it would wait for ever.
  for unit in postgresql@ redis-server nginx; do
    mkdir -p "/etc/systemd/system/$unit.service.d"
    put "/etc/systemd/system/$unit.service.d/server.conf" <<'END'
[Unit]
RequiresMountsFor=/var/lib/postgresql /etc/postgresql /var/lib/redis /etc/letsencrypt
[Service]
CPUAccounting=yes
TimeoutStartSec=15min
END
  done
  echo "{\"bip\":\"$BRIDGE.1/24\"}" | put /etc/docker/daemon.json
  # No service starts before it is configured. Debian asks this file (invoke-rc.d).
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
  packages redis-server nginx certbot docker.io iptables ssl-cert unattended-upgrades logrotate
  [[ $DATABASE_ON_SERVER != true ]] || packages "postgresql-$POSTGRES"
  rm /usr/sbin/policy-rc.d
  put /etc/apt/apt.conf.d/60server <<'END'
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Automatic-Reboot "true";
Unattended-Upgrade::Automatic-Reboot-Time "04:30";
END
  make_swap
  printf 'vm.overcommit_memory = 1\nvm.swappiness = 10\n' | put /etc/sysctl.d/60-server.conf
  sysctl -q -p /etc/sysctl.d/60-server.conf || true
  ! changed '/etc/systemd/system/*' || systemctl daemon-reload
  # Installed while no service might start, so nothing has started these yet.
  systemctl enable --quiet --now apt-daily.timer apt-daily-upgrade.timer certbot.timer
}
