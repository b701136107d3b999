# The order of things, and the subcommands.

provision() {
  INSTANCE=$(metadata instance-id)
  readonly INSTANCE
  mkdir -p "$STATE" /var/log/server
  attach_volume
  mount_volume
  install_packages
  aws ec2 associate-address --allocation-id "$ALLOCATION_ID" --instance-id "$INSTANCE" --allow-reassociation >/dev/null
  [[ $DATABASE_ON_SERVER != true ]] || start_database
  start_cache
  start_web
  ship_logs
  install_units
  timer release '*:*'
  timer heartbeat '*:*:30'
  start_backups
  [[ -z $DOMAIN ]] || timer certificate '*:0/5'
  # Fails when no deployment is waiting for it, such as after a reboot.
  aws cloudformation signal-resource --stack-name "$STACK_NAME" --logical-resource-id "$SIGNAL_RESOURCE" \
    --unique-id "$INSTANCE" --status SUCCESS 2>/dev/null || true
  log 'the server is ready'
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  case ${1-} in
    provision | release | deploy | dump | restore | heartbeat | certificate) "$1" "${@:2}" ;;
    *) die "usage: $0 provision | release [--force] | deploy IMAGE | dump | restore ... | heartbeat | certificate" ;;
  esac
fi
