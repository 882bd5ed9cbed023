#!/usr/bin/env bash
# Makes the Python environment that `make` installs into: deploy/make-venv.sh <folder>
#   PYTHON=python3.12   the interpreter to use; otherwise the first one from 3.11 on that is found
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder="$1"
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [ -n "${PYTHON:-}" ]; then
  is_new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not a Python from 3.11 on"
  python="$PYTHON"
else
  python=""
  for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if is_new_enough "$candidate"; then python="$candidate"; break; fi
  done
  [ -n "$python" ] || fail "Maru needs Python 3.11 or newer, and none was found: install one, or name it: make run PYTHON=/path/to/python3.12"
fi

printf 'setup: making %s with %s\n' "$folder" "$("$python" -V)"
"$python" -m venv "$folder" || fail "$python cannot make environments (on Debian and Ubuntu: apt-get install python3-venv)"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip
