# The data volume: found, attached, judged, formatted only if blank, mounted.

# Nitro shows a volume under any NVMe name; udev links it by its id, and its serial number is that id too, without the dash.
volume_device() {
  local link=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME_ID//-/}
  if [[ -e $link ]]; then
    realpath "$link"
  else
    lsblk --nodeps --noheadings --output PATH,SERIAL | awk -v serial="${VOLUME_ID//-/}" '$2 == serial { print $1 }'
  fi
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

# Says what is on a device: ours, blank, unsigned (bytes that no tool knows) or foreign. blkid also answers 2 when it cannot read, so
# blank means: no signature, and 16 MiB of zeros really read.
classify_volume() {
  local device=$1 found status=0
  found=$(blkid --probe --output export "$device") || status=$?
  if ((status == 0)) && grep -qx LABEL=server-data <<<"$found" && grep -qx TYPE=ext4 <<<"$found"; then
    echo ours
  elif ((status == 2)) && cmp --silent --bytes=16777216 "$device" /dev/zero; then
    echo blank
  elif ((status == 2)) && [[ -r $device ]]; then
    echo unsigned
  else
    echo foreign
  fi
}

# mkfs writes the superblock, by which the file system is known, last: stopped before, it leaves bytes that no tool knows. Only the
# machine that found this volume blank, and noted so on its own disk, may then begin again.
prepare_volume() {
  local device=$1 noted=/var/lib/server/formatting kind
  kind=$(classify_volume "$device")
  [[ $kind != unsigned || $(cat "$noted" 2>/dev/null) != "$VOLUME_ID" ]] || kind=blank
  case $kind in
    ours) e2fsck -p "$device" >&2 || (($? == 1)) || die "the file system on $VOLUME_ID needs a person: run e2fsck $device" ;;
    blank)
      mkdir -p "${noted%/*}"
      echo "$VOLUME_ID" | put "$noted"
      sync "$noted" "${noted%/*}"
      mkfs.ext4 -q -L server-data "$device"
      ;;
    *) die "$VOLUME_ID holds something this server did not write: it is left untouched" ;;
  esac
  rm -f "$noted"
}

mount_once() { mountpoint --quiet "$1" || mount "$1"; }

mount_volume() {
  local device uuid from to
  local -r places='postgresql/data /var/lib/postgresql
postgresql/config /etc/postgresql
redis /var/lib/redis
letsencrypt /etc/letsencrypt'
  device=$(volume_device)
  mountpoint --quiet "$DATA" || prepare_volume "$device"
  uuid=$(blkid --probe --match-tag UUID --output value "$device")
  # Mounted over the packages' own paths before the packages come, so that no service ever writes to the root disk.
  {
    sed '/x-server/d' /etc/fstab
    echo "UUID=$uuid $DATA ext4 defaults,nofail,x-server 0 2"
    while read -r from to; do
      echo "$DATA/$from $to none bind,nofail,x-systemd.requires-mounts-for=$DATA,x-server 0 0"
    done <<<"$places"
    echo '/swapfile none swap sw,nofail,x-server 0 0'
  } | put /etc/fstab
  ! changed /etc/fstab || systemctl daemon-reload
  mkdir -p "$DATA"
  mount_once "$DATA"
  # A volume made of a snapshot has the same UUID, so with both attached the mount may be the copy's.
  [[ $(realpath "$(findmnt --noheadings --output SOURCE "$DATA")") == "$(realpath "$device")" ]] ||
    die "another volume than $VOLUME_ID is mounted on $DATA: detach it, then start this machine again"
  while read -r from to; do
    mkdir -p "$DATA/$from" "$to"
    mount_once "$to"
    # systemd makes the folder that a bind mount comes from: without the volume one of the system's disk, which looks mounted.
    [[ $(stat --format %d "$to") == $(stat --format %d "$DATA") ]] || die "$to is not on the volume: nothing is started on it"
  done <<<"$places"
  chmod 711 "$DATA"
  grow_volume
}

# Stretches the file system over a volume that was made larger.
grow_volume() { resize2fs "$(findmnt --noheadings --output SOURCE "$DATA")" >/dev/null 2>&1 || log "could not grow $DATA"; }

make_swap() {
  if [[ ! -e /swapfile ]]; then
    fallocate --length 1G /swapfile.new
    chmod 600 /swapfile.new
    mkswap /swapfile.new >/dev/null
    mv /swapfile.new /swapfile
  fi
  swapon --all || log 'could not use the swap file'
}
