# taskapi in one image: the API, the worker and the migrations are the same program with another command.
ARG BASE=python:3.13-slim

FROM ${BASE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never \
    VIRTUAL_ENV=/opt/taskapi
WORKDIR /build

# requirements.lock holds the development tools too, and `pip install -r` would put them all into the image. uv takes the
# same lock as a constraint: it installs what pyproject.toml asks for, at the locked versions, and checks the locked
# hashes, those of the build backend included (pip refuses a directory next to hashes). So one lock is enough.
# uv itself comes from that lock, and stays in this stage.
COPY requirements.lock pyproject.toml ./
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.lock.txt \
    && python -m pip install --require-hashes -r uv.lock.txt \
    && python -m venv --without-pip "$VIRTUAL_ENV" \
    && uv pip install --compile-bytecode --constraints requirements.lock \
        --extra oidc --extra redis --extra s3 --extra otel -r pyproject.toml
# A dependency that the lock does not know has no hash to check: print it and stop.
RUN sed -n 's/^\([^ ]*==[^ ]*\) .*/\1/p' requirements.lock > locked.txt \
    && uv pip freeze > installed.txt \
    && ! grep -vxFf locked.txt installed.txt

COPY README.md LICENSE alembic.ini ./
COPY alembic alembic
COPY src src
RUN uv pip install --compile-bytecode --no-deps --build-constraints requirements.lock .

FROM ${BASE}
LABEL org.opencontainers.image.title="taskapi" \
      org.opencontainers.image.description="Self-hosted, API-first task and project management" \
      org.opencontainers.image.licenses="MIT"
# Nothing here writes to the image's own file system: run it with a read-only root and a tmpfs on /tmp.
ENV PATH=/opt/taskapi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    TASKAPI_ENVIRONMENT=production
RUN groupadd --gid 10001 taskapi \
    && useradd --no-log-init --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin taskapi
COPY --from=builder /opt/taskapi /opt/taskapi
# By number, so that a cluster can see that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=45s --retries=3 \
    CMD ["taskapi", "healthcheck"]
ENTRYPOINT ["taskapi"]
CMD ["serve", "--host", "0.0.0.0"]
