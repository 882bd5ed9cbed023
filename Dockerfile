# The server image: Maru and its page, without any engine.
#
#   docker build -t maru .
#   docker run -p 127.0.0.1:8000:8000 -v maru-data:/data maru
#
# EXTRAS=local adds PyTorch and transformers, so that weights (the house model too) run inside the server. Without a
# GPU give a PyTorch build for CPUs: --build-arg EXTRAS=local --build-arg TORCH_INDEX=<PyTorch's index of CPU builds>.
# docs/operations.md has the rest.

FROM python:3.13-slim-trixie AS build
WORKDIR /src
COPY . .
# The page is built by the wheel's own build hook, with Node from a Python package.
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
ARG EXTRAS=""
ARG TORCH_INDEX=""
RUN python -m venv /opt/maru \
    && if [ -n "$EXTRAS" ]; then set -- "$(echo /wheels/maru-*.whl)[$EXTRAS]"; else set -- /wheels/maru-*.whl; fi \
    && /opt/maru/bin/pip install --no-cache-dir --no-compile --constraint constraints.txt \
        ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$@" \
    && /opt/maru/bin/pip uninstall --yes pip

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home-dir /data maru && install -d -o maru -g maru /data
COPY --from=build /opt/maru /opt/maru
ENV PATH=/opt/maru/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Reached through a published port, so it listens on every address, and then demands an API key:
#   docker run --rm -v maru-data:/data maru maru keys create
CMD ["maru", "serve", "--host", "0.0.0.0", "--port", "8000", "--data-dir", "/data"]
