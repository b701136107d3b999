# Redis, with its append-only file on the data volume.

# cache_settings yes|no: with the append-only file, or (while a copy is being restored) without.
cache_settings() {
  local memory secret
  secret=$(password "$DATA/cache-password")
  memory=$(awk '/^MemTotal/ { print int($2 / 8) "kb" }' /proc/meminfo)
  put /etc/redis/server.conf 640 root:redis <<END
bind 0.0.0.0
requirepass $secret
appendonly $1
maxmemory $memory
maxmemory-policy volatile-lru
END
}

start_cache() {
  chown -R redis:redis /var/lib/redis
  cache_settings yes
  grep -q server.conf /etc/redis/redis.conf || echo 'include /etc/redis/server.conf' >>/etc/redis/redis.conf
  if changed /etc/redis/server.conf && systemctl --quiet is-active redis-server; then systemctl restart redis-server; fi
  systemctl start redis-server
}

# The password goes by the environment, which only root and redis-cli itself may read, never by the command line.
cache_cli() { REDISCLI_AUTH=$(password "$DATA/cache-password") redis-cli --no-auth-warning "$@"; }
