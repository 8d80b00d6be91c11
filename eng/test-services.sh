#!/usr/bin/env bash
# Installs the programs that some tests talk to or run under, where the system's package manager can. Tests whose program is missing are skipped and say so.
set -euo pipefail

install_package() { # NAME PURPOSE
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "test-services: installing $1"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$1"; } >/dev/null 2>&1 \
      || echo "test-services: $1 could not be installed; $2 will say that it skips this"
  else
    echo "test-services: no $1 here (Debian/Ubuntu: apt-get install $1); $2 will say that it skips this"
  fi
}

command -v prometheus >/dev/null || install_package prometheus "the test that scrapes"
command -v strace >/dev/null || install_package strace "each test that makes system calls fail"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
  || install_package chromium "each test that looks at a report"
for program in ceph-mon ceph-osd radosgw ceph; do
  command -v "$program" >/dev/null || { install_package "$([ "$program" = ceph ] && echo ceph-common || echo "$program")" "each test of s3://"; }
done
if [ ! -x artifacts/azurite/node_modules/.bin/azurite-blob ] && ! command -v azurite-blob >/dev/null; then
  if command -v npm >/dev/null; then
    echo "test-services: installing azurite"
    mkdir -p artifacts/azurite
    (cd artifacts/azurite && npm install --silent --no-audit --no-fund azurite@3.37.0) >/dev/null 2>&1 || echo "test-services: azurite could not be installed; each test of az:// will say that it skips this"
  else
    echo "test-services: no npm here; each test of az:// will say that it skips this"
  fi
fi
