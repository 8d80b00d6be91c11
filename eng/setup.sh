#!/usr/bin/env bash
# Checks what the build needs and installs what the system's package manager can give; says exactly what to do otherwise.
set -euo pipefail

fail() { echo "setup: $1" >&2; exit 1; }

[ "$(uname -s)" = Linux ] && [ "$(uname -m)" = x86_64 ] || fail "this build supports Linux on x86-64; here is $(uname -s) on $(uname -m)"

command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download/dotnet/10.0 and put 'dotnet' on PATH"
dotnet --version >/dev/null 2>&1 || fail "no .NET 10 SDK among those installed ($(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ')): install SDK 10.0.100 or newer from https://dotnet.microsoft.com/download/dotnet/10.0"

# libtorch is C++: it needs the C++ runtime, which a minimal container may lack.
libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
if [[ "$libraries" != *libstdc++.so.6* ]]; then
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then
    as_root=(); [ "$(id -u)" = 0 ] || as_root=(sudo)
    echo "setup: installing libstdc++6"
    "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends libstdc++6
  else
    fail "the C++ runtime is missing: install libstdc++ (Debian/Ubuntu: apt-get install libstdc++6; Fedora: dnf install libstdc++)"
  fi
fi
