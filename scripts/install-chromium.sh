#!/bin/sh
# Install the distribution's Chromium for the browser tests, if it is missing and we may. Never fails: the tests
# themselves say loudly that they skip it, and fail where CI is set.
set -u
if command -v chromium >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Chromium is not installed and cannot be installed from here: its tests will be skipped" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# With a font, or the screenshots would show boxes.
apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
exit 0
