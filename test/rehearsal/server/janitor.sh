#!/bin/bash
# Clears up after a rehearsal that was killed: waits until one of the processes is gone (a worker of jest, and jest), then ends the
# machines whose roots are in the folder, and gives back the loop device and the mounts. Ends by itself when the folder is gone.
readonly FOLDER=$1 DEVICE=$2 WORKER=$3 JEST=$4
while kill -0 "$WORKER" 2>/dev/null && kill -0 "$JEST" 2>/dev/null; do
  [[ -d $FOLDER ]] || exit 0
  sleep 1
done
kill -9 "$WORKER" 2>/dev/null
for process in /proc/[0-9]*; do
  if tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q "^systemd-nspawn .*--directory=$FOLDER/"; then
    # First the machine's first process, with which all of the machine dies; it would outlive systemd-nspawn.
    read -r -a machines <"$process/task/${process#/proc/}/children"
    kill -9 "${machines[@]}" "${process#/proc/}"
  fi
done
sleep 2
losetup --detach "$DEVICE" 2>/dev/null
umount --recursive --lazy "$FOLDER" 2>/dev/null
rmdir "$FOLDER"
