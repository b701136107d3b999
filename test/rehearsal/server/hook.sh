# shellcheck shell=bash
# Sourced by every bash of the guest (BASH_ENV). Lets the harness cut the power at a command of the server's scripts: the file `step`
# says `before FUNCTION PATTERN` (stop there until the power goes) or `during FUNCTION PATTERN` (only say that it begins).
if [[ -s /rehearsal/cloud/step && ($0 == /usr/local/sbin/server* || $0 == */part-001) ]]; then
  read -r rehearsal_when rehearsal_function rehearsal_pattern </rehearsal/cloud/step
  rehearsal_hook() {
    # shellcheck disable=SC2053
    [[ ${FUNCNAME[1]-main} == $rehearsal_function && $BASH_COMMAND == $rehearsal_pattern && -e /rehearsal/cloud/step ]] || return 0
    echo "${FUNCNAME[1]-main}: $BASH_COMMAND" >/rehearsal/cloud/reached
    while [[ $rehearsal_when == before ]]; do sleep 1; done
  }
  set -o functrace
  trap rehearsal_hook DEBUG
fi
