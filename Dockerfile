# One image for every process: `serve`, `worker --queue ...`, `migrate --seed`.
FROM python:3.13-slim AS packages
RUN python -m venv /opt/venv
COPY requirements.lock .
# Wheels only, and only those whose hashes are in the lock: no compiler is needed.
RUN /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary=:all: -r requirements.lock
# PyTorch, which only the workers of the queue training need. ENGINE_INDEX: an index of its builds, such as that of the
# small ones without CUDA.
ARG ENGINE_INDEX=""
COPY requirements-engine.lock .
RUN /opt/venv/bin/python -m pip install --no-cache-dir --only-binary=:all: ${ENGINE_INDEX:+--extra-index-url "$ENGINE_INDEX"} \
    -r requirements-engine.lock

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/trademaster --create-home trademaster
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/trademaster
COPY . .
RUN /opt/venv/bin/python -m compileall -q .
# PostgreSQL and Redis are other containers: TMW_DATABASE_URL and TMW_REDIS_URL say where.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/srv/trademaster \
    PYTHONUNBUFFERED=1 \
    TMW_HOST=0.0.0.0 \
    TMW_PORT=8000 \
    TMW_STATE_DIR=/var/lib/trademaster \
    TMW_LOG_FORMAT=json
USER trademaster
VOLUME /var/lib/trademaster
EXPOSE 8000
STOPSIGNAL SIGTERM
# Of the API. A container that runs something else switches it off or brings its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-I", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['TMW_PORT'] + '/health', timeout=4)"]
ENTRYPOINT ["python", "-P", "-m", "app"]
CMD ["serve"]
