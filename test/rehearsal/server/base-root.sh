#!/bin/bash
# Builds what every rehearsal starts from, in the folder $1:
#   root  Debian 12, near to Debian's own cloud image: systemd, cloud-init, no package of the server yet; and Debian's ACME test server
#   repo  an apt repository with what the server's scripts install, because the guest has no network; awscli and docker.io in it are
#         doubles that run what is in /rehearsal/doubles
# The other arguments are the packages of the repository.
set -euo pipefail
readonly FOLDER=$1 ROOT=$1/root REPO=$1/repo MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
shift
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
mkdir -p "$ROOT" "$REPO"

debootstrap --variant=minbase --include=systemd-sysv,dbus,udev,ca-certificates,locales,iproute2,procps,kmod,e2fsprogs,sudo,python3 \
  bookworm "$ROOT" "$MIRROR" >"$FOLDER/debootstrap.log"
cat >"$ROOT/etc/apt/sources.list" <<END
deb $MIRROR bookworm main
deb $MIRROR bookworm-updates main
deb ${MIRROR%/debian}/debian-security bookworm-security main
END
printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
chmod 755 "$ROOT/usr/sbin/policy-rc.d"
guest() { chroot "$ROOT" apt-get -qq -o Dpkg::Use-Pty=0 "$@" >>"$FOLDER/apt.log"; }
guest update
guest upgrade --yes
# Not by debootstrap: it configures python3-cryptography too early. pebble and jmespath are for the doubles.
guest install --yes --no-install-recommends cloud-init pebble python3-jmespath openssl systemd-timesyncd
chroot "$ROOT" apt-get clean
guest install --yes --no-install-recommends --download-only "$@"
mv "$ROOT"/var/cache/apt/archives/*.deb "$REPO"
rm -rf "$ROOT"/usr/sbin/policy-rc.d "$ROOT"/var/lib/apt/lists/* "$ROOT"/etc/machine-id "$ROOT"/var/lib/dbus/machine-id
: >"$ROOT/etc/machine-id"

# The ACME server's own certificate, from an authority that this root trusts.
mkdir -p "$ROOT/etc/rehearsal"
chroot "$ROOT" bash -e <<'END' 2>>"$FOLDER/apt.log"
cd /etc/rehearsal
echo subjectAltName=DNS:localhost >extensions
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=authority of the rehearsal' -keyout ca.key \
  -out /usr/local/share/ca-certificates/rehearsal.crt
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout acme.key -out acme.csr
openssl x509 -req -in acme.csr -CA /usr/local/share/ca-certificates/rehearsal.crt -CAkey ca.key -days 3650 -out acme.crt \
  -extfile extensions -set_serial 1
update-ca-certificates >/dev/null
END

# double NAME PROGRAM: a package whose program is the harness's.
double() {
  local tree
  tree=$(mktemp --directory)
  chmod 755 "$tree"
  mkdir -p "$tree/DEBIAN" "$tree/usr/bin"
  printf 'Package: %s\nVersion: 1:0-rehearsal\nArchitecture: all\nMaintainer: rehearsal <rehearsal@example.com>\nDescription: double\n' \
    "$1" >"$tree/DEBIAN/control"
  printf '#!/bin/sh\nexec /usr/bin/python3 /rehearsal/doubles/%s.py "$@"\n' "$2" >"$tree/usr/bin/$2"
  chmod 755 "$tree/usr/bin/$2"
  if [[ $1 == docker.io ]]; then
    mkdir -p "$tree/lib/systemd/system"
    printf '[Unit]\nDescription=double of Docker\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/docker daemon\n[Install]\nWantedBy=multi-user.target\n' \
      >"$tree/lib/systemd/system/docker.service"
    # As the real one: enabled, and started unless policy-rc.d forbids it.
    printf '#!/bin/sh\nset -e\nsystemctl enable --quiet docker.service\ninvoke-rc.d docker start || true\n' >"$tree/DEBIAN/postinst"
    chmod 755 "$tree/DEBIAN/postinst"
  fi
  dpkg-deb --build --root-owner-group "$tree" "$REPO/$1.deb" >/dev/null
  rm -rf "$tree"
}
double awscli aws
double docker.io docker

cd "$REPO"
for deb in *.deb; do
  dpkg-deb --field "$deb"
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat --format %s "$deb")" "$(sha256sum "$deb" | cut -d' ' -f1)"
done >Packages
printf 'Date: %s\nSHA256:\n %s %s Packages\n' "$(date --utc --rfc-email)" "$(sha256sum Packages | cut -d' ' -f1)" "$(stat --format %s Packages)" >Release
echo 'deb [trusted=yes] file:/rehearsal/repo ./' >"$ROOT/etc/apt/sources.list"
