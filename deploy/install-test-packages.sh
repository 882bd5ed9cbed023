#!/usr/bin/env bash
# Installs what the browser tests need and pip cannot bring: a Chromium, and fonts for Korean and emoji.
# Does so by itself on Debian and Ubuntu when it may (root, or sudo without a password); otherwise names the packages.
set -euo pipefail

packages=(chromium fonts-noto-cjk fonts-noto-color-emoji)

has_browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
has_fonts() {
  # Not piped: `grep -q` leaves early, and with pipefail the broken pipe would count as "no such font".
  local fonts
  fonts="$(fc-list 2>/dev/null)" && grep -qi 'noto.*cjk' <<<"$fonts" && grep -qi 'noto.*emoji' <<<"$fonts"
}
if has_browser && has_fonts; then exit 0; fi

if [ "$(uname -s)" != Linux ]; then
  has_browser && exit 0
  printf 'test: the browser tests need Chromium on the PATH as `chromium`; install it and run again\n' >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  printf 'test: the browser tests need these packages, and this user may not install them.\n' >&2
  printf '      Install them and run again: %s\n' "${packages[*]}" >&2
  exit 1
fi
printf 'test: installing %s\n' "${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
