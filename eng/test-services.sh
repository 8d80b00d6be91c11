#!/usr/bin/env bash
# Installs the servers that some tests talk to, where the system's package manager can. Tests whose server is missing are skipped and say so.
set -euo pipefail

command -v prometheus >/dev/null && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "test-services: installing prometheus"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends prometheus; } >/dev/null 2>&1 \
    || echo "test-services: prometheus could not be installed; the test that scrapes will say that it skips this"
else
  echo "test-services: no prometheus here (Debian/Ubuntu: apt-get install prometheus); the test that scrapes will say that it skips this"
fi
