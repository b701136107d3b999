# What both halves of the server's script need: a word for the log, and packages. Nothing in any of these files prints a secret.

log() { echo "$(date --utc +%FT%TZ) $*" >&2; }

die() {
  log "$*"
  exit 1
}

installed() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query --show --showformat='${db:Status-Abbrev}' "$name" 2>/dev/null) == 'ii ' ]] || return 1
  done
}

# The first line heals what a power cut in the middle of an installation left.
packages() {
  ! installed "$@" || return 0
  dpkg --configure -a --force-confold >&2 || true
  local apt=(apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 -o DPkg::Options::=--force-confold)
  "${apt[@]}" update
  "${apt[@]}" --fix-broken install --no-install-recommends --yes "$@" >&2
}

# Amazon's agents are in no Debian archive: taken over TLS from Amazon's bucket of this Region, without a check of the signature
# (its key would have to come the same way). The server works without them, so a failure is only logged.
# agent NAME URL...: from the first place that has it.
agent() {
  local deb url name=$1
  ! installed "$name" || return 0
  deb=$(mktemp --suffix=.deb)
  for url in "${@:2}"; do
    ! { curl -fsSL --retry 5 --max-time 300 --output "$deb" "$url" && apt-get -qq -o DPkg::Lock::Timeout=600 install --yes "$deb" >&2; } || break
    log "could not install $name from $url"
  done
  rm -f "$deb"
}

# Writes standard input to a file, unless it says that already: whole or not at all, and CHANGED names what was written.
CHANGED=' '
put() {
  local file=$1 mode=${2-644} owner=${3-root:root} new
  new=$(dirname "$file")/.$(basename "$file").new
  (umask 077 && cat >"$new")
  chown "$owner" "$new"
  chmod "$mode" "$new"
  if cmp --silent "$new" "$file" && [[ $(stat --format '%a %U:%G' "$file") == "$mode $owner" ]]; then
    rm "$new"
  else
    mv "$new" "$file"
    CHANGED+="$file "
  fi
}

# Whether one of these files, which may be patterns, was written by this run.
changed() {
  local pattern
  # shellcheck disable=SC2053
  for pattern in "$@"; do [[ $CHANGED != *\ $pattern\ * ]] || return 0; done
  return 1
}
