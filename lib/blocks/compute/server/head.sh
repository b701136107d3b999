# The second half of the server's script: what makes a blank Debian 12 machine into the server, and its periodic work. boot.sh brings
# it here; the settings (REGION, VOLUME_ID, ...) are those of the user data. Every step may be repeated and stopped at any point.
set -euo pipefail
# Also within $(...), where bash would go on after a failing command.
shopt -s inherit_errexit
# shellcheck source=/dev/null
source /etc/server/settings
export AWS_DEFAULT_REGION="$REGION" AWS_DEFAULT_OUTPUT=text AWS_PAGER='' DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
readonly SELF=/usr/local/sbin/server DATA=/data STATE=/run/server BRIDGE=192.168.240 POSTGRES=15
readonly LOGGED=$'StandardOutput=append:/var/log/server/server.log\nStandardError=inherit'
