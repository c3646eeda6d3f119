#!/usr/bin/env bash
# Tries the two commands of the README on a machine with nothing installed: a debootstrap root of Debian 12.
#
#   tests/fresh/run.sh run    git clone, `make run` until the URL prints, a signed-in request, Ctrl-C, nothing left running
#   tests/fresh/run.sh user   the same as an ordinary user, after root has installed the packages
#   tests/fresh/run.sh test   git clone, `make test`
#
# Root only. The inner machine reaches the package indexes that this one is configured for, and nothing else of it.
set -euo pipefail

what=${1:?usage: run.sh run | user | test}
root=${FRESH_ROOT:-/var/tmp/kubechat-fresh}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ "$(id -u)" -eq 0 ] || { echo "This needs root: debootstrap and chroot do." >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "As root, type: apt-get install -y debootstrap" >&2; exit 1; }

mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
if [ ! -e "$root/.made" ]; then
  rm -rf "$root"
  debootstrap --variant=minbase --include=ca-certificates,git,make bookworm "$root" "$mirror" >/dev/null
  touch "$root/.made"
fi
for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/npmrc "$HOME/.npmrc" /etc/ssl/certs/ca-certificates.crt; do
  [ -e "$file" ] && install -D -m 644 "$file" "$root${file/#$HOME/\/root}"
done
cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
rm -f "$root"/etc/apt/apt.conf.d/{docker-*,20packagekit,50appstream}
rm -rf "$root/root/kubechat" "$root/var/lib/kubechat"
git clone --quiet "$source" "$root/root/kubechat"

# Settings of this machine's networking go in; nothing else of its environment does.
passed=()
while IFS= read -r line; do passed+=("$line"); done < <(env | grep -iE '^([a-z0-9_]*(_CERT|_CA_CERTS|_CERT_FILE|_CA_BUNDLE|_CAINFO)|PIP_CERT|https?_proxy|no_proxy)=' || true)

inside() {
  unshare --pid --mount --fork --kill-child bash -c '
    mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" && mount --rbind /dev "$0/dev"
    root=$0; shift 0
    exec env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      "${@:2}" chroot "$root" /bin/bash -euc "cd /root/kubechat; $1"
  ' "$root" "$1" "${passed[@]}"
}

# The main job by hand: start, ask, change, look it up, Ctrl-C, and nothing may be left. $HOME and the folder are the person's.
main_job='
  make run > "$HOME/run.log" 2>&1 &
  maker=$!
  for _ in $(seq 600); do
    grep -q "Ctrl-C ends it" "$HOME/run.log" && break
    kill -0 $maker 2>/dev/null || { cat "$HOME/run.log"; exit 1; }
    sleep 1
  done
  cat "$HOME/run.log"
  .venv/bin/kubechat status
  .venv/bin/python tests/fresh/story.py
  kill -INT $(.venv/bin/kubechat status --json | .venv/bin/python -c "import json, sys; print(json.load(sys.stdin)[\"supervisor\"][\"pid\"])")
  wait $maker || true
  # The machine has no ps; what runs besides the shells and what looks is what was left.
  left=$(.venv/bin/python tests/fresh/left_running.py)
  [ -z "$left" ] || { echo "still running: $left"; exit 1; }
  echo "The fresh machine ran the main job, and nothing is left running."
'

case $what in
test)
  inside 'make test'
  ;;
run)
  inside "$main_job"
  ;;
user)
  # The packages are root's business; everything else is done, and owned, by an ordinary user.
  inside "deploy/local/bootstrap.sh run
    id someone >/dev/null 2>&1 || useradd --create-home someone
    rm -rf /home/someone/kubechat && git clone --quiet /root/kubechat /home/someone/kubechat
    chown -R someone: /home/someone && cd /home/someone/kubechat
    export HOME=/home/someone
    exec setpriv --reuid someone --regid someone --clear-groups bash -euc '$(printf %s "$main_job" | sed "s/'/'\\\\''/g")'"
  ;;
*)
  echo "usage: run.sh run | user | test" >&2
  exit 2
  ;;
esac
