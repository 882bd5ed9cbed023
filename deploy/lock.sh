#!/usr/bin/env bash
# Renews constraints.txt: every extra and group (but `vllm`, which lives in an environment of its own) in a fresh
# environment without constraints, and what pip chose, written down.
#   PYTHON=python3.12   the interpreter to choose for; the oldest supported one is best
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
pip=("$work/venv/bin/python" -m pip --disable-pip-version-check)
"${pip[@]}" install --quiet --upgrade pip
wanted="torch==2.13.0"
if [ "$(uname -s)" = Linux ]; then wanted="$wanted+cpu"; fi
"${pip[@]}" install --quiet "$wanted"
"${pip[@]}" install --quiet --group build
MARU_SKIP_UI=1 "${pip[@]}" install --quiet --no-build-isolation --editable '.[train]' --group test --group check
{
  printf '# Exact versions for every `pip install` of this project; `make lock` writes this file, nobody else.\n'
  printf '# A build of PyTorch for CPUs (+cpu) satisfies its line as well as the ordinary one.\n'
  "${pip[@]}" freeze --all --exclude-editable | grep -v -i '^maru' | sed -E 's/^(torch==[0-9.]+)\+.*/\1/' | sort -f
} >"$work/constraints.txt"
if grep -n -E '@|file:|://|\+' <(grep -v '^#' "$work/constraints.txt"); then
  printf 'lock: the lines above name a place or a local build; nothing was written\n' >&2
  exit 1
fi
mv "$work/constraints.txt" constraints.txt
printf 'lock: %s packages in constraints.txt\n' "$(grep -c == constraints.txt)"
