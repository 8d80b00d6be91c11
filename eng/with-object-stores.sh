#!/usr/bin/env bash
# Runs a command beside object stores on loopback, which it starts, names in the environment (DDPO_TEST_S3, DDPO_TEST_AZURE) and ends: eng/with-object-stores.sh COMMAND...
set -euo pipefail
cd "$(dirname "$0")/.."
stores=$(mktemp -d)
trap 'eng/object-stores.sh stop "$stores"' EXIT
[ ! -x artifacts/azurite/node_modules/.bin/azurite-blob ] || export DDPO_AZURITE="$PWD/artifacts/azurite/node_modules/.bin/azurite-blob"
export DDPO_TEST_S3_BYTES=$((8 << 30))
eng/object-stores.sh start "$stores"
# shellcheck source=/dev/null
. "$stores/environment"
# The users of these servers (tests/Shared/ObjectServers.cs).
export AWS_ACCESS_KEY_ID=testAK AWS_SECRET_ACCESS_KEY=testSecretKey123
export AZURE_STORAGE_KEY='Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
"$@"
