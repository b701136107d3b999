# PostgreSQL, on the data volume.

as_postgres() { runuser -u postgres -- "$@"; }

# A new cluster, once. Stopped in the middle it would look like one that somebody else made, so a note on the volume says what is ours.
create_cluster() {
  local noted=$DATA/database-being-made found
  if [[ -e $noted ]]; then
    rm -rf "/var/lib/postgresql/$POSTGRES" "/etc/postgresql/$POSTGRES"
  fi
  [[ ! -e /etc/postgresql/$POSTGRES/main/postgresql.conf ]] || return 0
  found=$(ls /var/lib/postgresql)
  [[ -z $found ]] || die "the volume holds PostgreSQL data of another version ($found), this server runs $POSTGRES"
  touch "$noted"
  sync "$noted" "$DATA"
  pg_createcluster "$POSTGRES" main --locale=C.UTF-8 --encoding=UTF8 -- --data-checksums >&2
  sync
  rm "$noted"
  sync "$DATA"
}

# Debian numbers its service users by order of installation, so the files of an earlier server may belong to a stranger.
start_database() {
  local config=/etc/postgresql/$POSTGRES/main secret
  chown -R postgres:postgres /var/lib/postgresql /etc/postgresql
  create_cluster
  # wal_level=logical lets a later database cluster follow this one while it still serves.
  put "$config/conf.d/server.conf" 644 postgres:postgres <<'END'
listen_addresses = '*'
wal_level = logical
password_encryption = 'scram-sha-256'
END
  grep -q "$BRIDGE.0/24" "$config/pg_hba.conf" ||
    { cat "$config/pg_hba.conf" && echo "host all all $BRIDGE.0/24 scram-sha-256"; } | put "$config/pg_hba.conf" 640 postgres:postgres
  if changed "$config/*" && systemctl --quiet is-active "postgresql@$POSTGRES-main"; then
    systemctl restart "postgresql@$POSTGRES-main"
  fi
  systemctl start "postgresql@$POSTGRES-main"
  secret=$(password "$DATA/database-password")
  ! PGPASSWORD=$secret psql -qXw --host=127.0.0.1 --username="$DATABASE_NAME" --dbname="$DATABASE_NAME" --command='' 2>/dev/null || return 0
  as_postgres psql -qX -v ON_ERROR_STOP=1 <<END
SET log_min_error_statement = panic;
SELECT 'CREATE ROLE "$DATABASE_NAME" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$DATABASE_NAME') \gexec
ALTER ROLE "$DATABASE_NAME" PASSWORD '$secret';
SELECT 'CREATE DATABASE "$DATABASE_NAME" OWNER "$DATABASE_NAME"'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$DATABASE_NAME') \gexec
ALTER DATABASE "$DATABASE_NAME" ALLOW_CONNECTIONS true;
END
}
