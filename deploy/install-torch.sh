#!/usr/bin/env bash
# Installs PyTorch into an environment without pulling gigabytes of CUDA where nothing can use them:
#   deploy/install-torch.sh <folder of the environment, as seen from the root of the checkout>
#
# Linux without an NVIDIA GPU: the CPU build only; elsewhere the ordinary one. docs/decisions/0006 says why.
#   TORCH=torch==2.13.0        ask for exactly this instead
#   MARU_TORCH_INDEX=<url>     an extra package index that holds CPU builds of PyTorch
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
python="$1/bin/python"
version="2.13.0"

has_nvidia_gpu() { [[ "$(nvidia-smi --list-gpus 2>/dev/null)" == *GPU* ]]; }

wanted="torch==$version"
if [ -n "${TORCH:-}" ]; then
  wanted="$TORCH"
elif [ "$(uname -s)" = Linux ] && ! has_nvidia_gpu; then
  wanted="torch==$version+cpu"
fi

installed="$("$python" -c 'from importlib.metadata import version; print(version("torch"))' 2>/dev/null || true)"
if [ "torch==$installed" = "$wanted" ]; then exit 0; fi

options=(--quiet --disable-pip-version-check --constraint constraints.txt)
if [ -n "${MARU_TORCH_INDEX:-}" ]; then options+=(--extra-index-url "$MARU_TORCH_INDEX"); fi
printf 'setup: installing %s\n' "$wanted"
if "$python" -m pip install "${options[@]}" "$wanted"; then exit 0; fi

cat >&2 <<MESSAGE

setup: $wanted was not found where pip looks.
This machine has no NVIDIA GPU, and the ordinary build brings several GB that nothing here can use. Do one of these:
  * give the address of PyTorch's index of CPU builds (its install page names it):
        make run MARU_TORCH_INDEX=<address>        or set PIP_EXTRA_INDEX_URL to it
  * take the ordinary build all the same:
        make run TORCH=torch==$version
MESSAGE
exit 1
