# nginx before the product's web container, and its certificate.

# Whether there is a certificate that can be read: a power cut leaves empty files of one that had just come.
has_certificate() {
  local live=/etc/letsencrypt/live/server
  # Asked by its text: OpenSSL 3.0 exits with 0 either way. A certificate of another name is left of an earlier domain.
  openssl x509 -noout -checkhost "$DOMAIN" -in "$live/fullchain.pem" 2>/dev/null | grep -q 'does match' && openssl pkey -noout -in "$live/privkey.pem" 2>/dev/null
}

# Until the certificate has come, a self-signed one answers: never a password over plain HTTP.
use_certificate() {
  local live=/etc/letsencrypt/live/server
  mkdir -p /etc/nginx/tls /var/www/acme
  if has_certificate; then
    ln -sfn "$live/fullchain.pem" /etc/nginx/tls/certificate
    ln -sfn "$live/privkey.pem" /etc/nginx/tls/key
  else
    ln -sfn /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/nginx/tls/certificate
    ln -sfn /etc/ssl/private/ssl-cert-snakeoil.key /etc/nginx/tls/key
  fi
}

# upstream a|b: nginx asks the container of this slot. Its name is in the key of kept static files, so that a release starts anew.
upstream() {
  local port=8080
  [[ $1 == a ]] || port=8081
  put /etc/nginx/server/upstream.conf <<END
upstream product { server 127.0.0.1:$port; keepalive 16; }
map '' \$product_release { default $1-${2-start}; }
END
}

# The http part: what is the same for every site. Headers are added only where the application did not set its own.
web_settings() {
  put /etc/nginx/conf.d/server.conf <<'END'
include /etc/nginx/server/upstream.conf;
log_format server escape=json '{"time":"$time_iso8601","at":$msec,"address":"$remote_addr","method":"$request_method",'
  '"uri":"$uri","status":$status,"bytes":$body_bytes_sent,"request_time":$request_time,"upstream":"$upstream_addr",'
  '"upstream_time":"$upstream_response_time","cache":"$upstream_cache_status","agent":"$http_user_agent"}';
server_tokens off;
gzip_vary on;
gzip_proxied any;
gzip_min_length 1024;
gzip_types text/plain text/css text/xml application/json application/javascript application/xml image/svg+xml;
ssl_certificate /etc/nginx/tls/certificate;
ssl_certificate_key /etc/nginx/tls/key;
ssl_session_cache shared:server:2m;
client_max_body_size 50m;
client_header_timeout 15s;
client_body_timeout 30s;
send_timeout 60s;
reset_timedout_connection on;
limit_conn_zone $binary_remote_addr zone=connections:5m;
limit_req_zone $binary_remote_addr zone=requests:5m rate=100r/s;
limit_conn_status 429;
limit_req_status 429;
proxy_cache_path /var/cache/nginx/static levels=1:2 keys_zone=static:5m max_size=512m inactive=24h use_temp_path=off;
map $http_upgrade $connection_header { default upgrade; '' ''; }
map $upstream_http_x_content_type_options $nosniff { '' nosniff; }
map $upstream_http_x_frame_options $frame { '' SAMEORIGIN; }
map $upstream_http_referrer_policy $referrer { '' strict-origin-when-cross-origin; }
END
}

# The site itself. Static files are kept for the seeds' one hour, where the application says nothing else.
web_site() {
  local open='listen 80 default_server;'
  if [[ -n $DOMAIN ]]; then
    open="listen 443 ssl http2; server_name $DOMAIN; add_header Strict-Transport-Security max-age=31536000 always;"
    cat <<END
server {
  listen 80 default_server;
  location /.well-known/acme-challenge/ { root /var/www/acme; }
  location / { return 301 https://$DOMAIN\$request_uri; }
}
server { listen 443 ssl http2 default_server; ssl_reject_handshake on; }
END
  fi
  cat <<END
server {
  $open
  access_log /var/log/nginx/access.log server;
  gzip on;
  limit_conn connections 100;
  limit_req zone=requests burst=400 nodelay;
  add_header X-Content-Type-Options \$nosniff always;
  add_header X-Frame-Options \$frame always;
  add_header Referrer-Policy \$referrer always;
  proxy_http_version 1.1;
  proxy_set_header Host \$host;
  proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto \$scheme;
  proxy_set_header Upgrade \$http_upgrade;
  proxy_set_header Connection \$connection_header;
  proxy_connect_timeout 5s;
  location / { proxy_pass http://product; }
  location /assets/ {
    proxy_pass http://product;
    proxy_cache static;
    proxy_cache_key \$product_release\$host\$request_uri;
    proxy_cache_valid 200 1h;
    proxy_cache_lock on;
    proxy_cache_use_stale error timeout updating http_502 http_503 http_504;
  }
}
END
}

start_web() {
  use_certificate
  rm -f /etc/nginx/sites-enabled/default
  mkdir -p /etc/nginx/server /var/cache/nginx
  [[ -s /etc/nginx/server/upstream.conf ]] || upstream a
  web_settings
  web_site | put /etc/nginx/conf.d/site.conf
  # Renewed by certbot's own timer; the hook is on the volume, beside the certificate.
  mkdir -p /etc/letsencrypt/renewal-hooks/deploy
  printf '#!/bin/sh\nexec systemctl reload nginx\n' | put /etc/letsencrypt/renewal-hooks/deploy/server 755
  if systemctl --quiet is-active nginx; then
    ! changed '/etc/nginx/*' || reload_web
  else
    nginx -t -q
    systemctl start nginx
  fi
}

# The processes below nginx's master; a reload starts others, and lets these finish.
web_workers() {
  local master
  master=$(cat /run/nginx.pid 2>/dev/null) || return 0
  cat "/proc/$master/task/$master/children" 2>/dev/null || true
}

reload_web() {
  nginx -t -q
  systemctl reload nginx
}

# Asks only when the name already leads here, and at most every half hour: five failures an hour lock a name out
# (Let's Encrypt, failed validation limit).
certificate() {
  local address
  ! has_certificate || return 0
  [[ -z $(find "$STATE/certificate-asked" -mmin -30 2>/dev/null) ]] || return 0
  address=$(metadata public-ipv4)
  getent ahostsv4 "$DOMAIN" | grep -q "^$address " || return 0
  touch "$STATE/certificate-asked"
  # What a power cut left of an earlier try: certbot would fail on it each time.
  rm -rf /etc/letsencrypt/{archive,live,renewal}
  [[ -z $(find /etc/letsencrypt/accounts -type f -empty 2>/dev/null) ]] || rm -rf /etc/letsencrypt/accounts
  certbot certonly --quiet --non-interactive --agree-tos --register-unsafely-without-email --cert-name server \
    --server "$ACME_DIRECTORY" --webroot --webroot-path /var/www/acme --domain "$DOMAIN"
  sync --file-system /etc/letsencrypt
  use_certificate
  reload_web
}
