#!/usr/bin/env bash
# Installs the programs that some tests talk to or run under, where the system's package manager can. Tests without theirs are skipped and say so.
set -euo pipefail

missing=()
for program in prometheus strace; do command -v "$program" >/dev/null || missing+=("$program"); done
[ "${#missing[@]}" -gt 0 ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "test-services: installing ${missing[*]}"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 \
    || echo "test-services: ${missing[*]} could not be installed; the tests that need them will say that they skip this"
else
  echo "test-services: no ${missing[*]} here (Debian/Ubuntu: apt-get install ${missing[*]}); the tests that need them will say that they skip this"
fi
