#!/usr/bin/env bash
# Installs what tests need and pip cannot bring: a Chromium, fonts for Korean and emoji, and a PostgreSQL.
# Does so by itself on Debian and Ubuntu when it may (root, or sudo without a password); otherwise names the packages.
set -euo pipefail

packages=(chromium fonts-noto-cjk fonts-noto-color-emoji postgresql)

has_browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
has_fonts() {
  # Not piped: `grep -q` leaves early, and with pipefail the broken pipe would count as "no such font".
  local fonts
  fonts="$(fc-list 2>/dev/null)" && grep -qi 'noto.*cjk' <<<"$fonts" && grep -qi 'noto.*emoji' <<<"$fonts"
}
has_postgresql() { command -v pg_ctl >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null; }
if has_browser && has_fonts && has_postgresql; then exit 0; fi

if [ "$(uname -s)" != Linux ]; then
  # Without a PostgreSQL its tests are left out; no Linux, no demand.
  has_browser && exit 0
  printf 'test: the browser tests need Chromium on the PATH as `chromium`; install it and run again\n' >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  printf 'test: the tests need these packages, and this user may not install them.\n' >&2
  printf '      Install them and run again: %s\n' "${packages[*]}" >&2
  exit 1
fi
printf 'test: installing %s\n' "${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
if ! has_postgresql; then
  # The tests start one of their own: none is to run for the whole machine.
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null
  "${as_root[@]}" sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
fi
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
