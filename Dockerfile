# syntax=docker/dockerfile:1
# One image for web, worker, beat and the one-off commands. The first stage builds as `make up` does, Node
# included; the second holds Python, the product and what it built, and nothing to build with.

FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY pyproject.toml uv.lock package.json package-lock.json .npmrc tsconfig.json vite.config.ts manage.py ./
COPY livecaller/embedded/bootstrap.py livecaller/embedded/bootstrap.py
COPY static static
COPY locale locale
# Python packages, Node from its wheel, browser tools, browser parts and translations.
RUN python livecaller/embedded/bootstrap.py
# The packages of production alone, in an environment of their own.
RUN UV_PROJECT_ENVIRONMENT=/venv .venv/bin/uv sync --frozen --no-default-groups --no-cache --compile-bytecode \
    --python /usr/local/bin/python3
COPY livecaller livecaller
COPY accounts accounts
COPY widget widget
COPY calls calls
COPY chats chats
COPY billing billing
COPY privacy privacy
COPY templates templates
# Reads no secret: the development settings only name the folders.
RUN LIVECALLER_DEBUG=1 /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf .venv node_modules static/src static/plugins

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LIVECALLER_DATA=/data
RUN groupadd --gid 10001 livecaller \
    && useradd --uid 10001 --gid livecaller --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin livecaller \
    && install --directory --owner livecaller --group livecaller --mode 700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
# Behind a proxy, say its address with --trusted-proxy.
CMD ["python", "manage.py", "serve", "--host=0.0.0.0", "--port=8000"]
