#!/usr/bin/env bash
# Runs every test project and ends with one line: "N passed, N failed" (with ", N skipped" where some were).
# Arguments are passed on to the tests, e.g. eng/test.sh --filter-trait "Category=Parity"
set -uo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

# Networks are small here and several test processes share the cores: more threads per process only wait for each other.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"

# Object stores for the tests that want real ones, in a place whose name is short enough for sockets.
stores=$(mktemp -d)
trap 'eng/object-stores.sh stop "$stores"' EXIT
[ ! -x artifacts/azurite/node_modules/.bin/azurite-blob ] || export DDPO_AZURITE="$PWD/artifacts/azurite/node_modules/.bin/azurite-blob"
eng/object-stores.sh start "$stores"
# shellcheck source=/dev/null
. "$stores/environment"

# Exit code 8: a project had no test of the kind asked for. That is in order for a choice of tests, and for it alone.
chosen=(); [ "$#" -eq 0 ] || chosen=(--ignore-exit-code 8)

dotnet test --solution DiffusionDpo.sln --no-build -c "${CONFIGURATION:-Release}" --max-parallel-test-modules 2 \
  --results-directory "$results" --report-trx "${chosen[@]}" "$@"
code=$?

count() { cat "$results"/*.trx 2>/dev/null | tr '>' '\n' | sed -n "s/.*<Counters.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(count passed)
failed=$(count failed)
total=$(count total)
skipped=$((total - passed - failed))
# A test process that died wrote no report: that is a failure too, whatever the counters say. So is no test at all.
if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
if [ "$total" -eq 0 ]; then failed=1 code=1; fi

# What failed, once more and last: where only the end of a log is kept, this is the part that is needed.
cat "$results"/*.trx 2>/dev/null | tr '\n' ' ' | sed 's/<UnitTestResult /\n&/g' | grep '^<UnitTestResult [^>]*outcome="Failed"' \
  | sed -E 's/.*testName="([^"]*)".*<Message>(.{0,600}).*/failed: \1\n  \2/; s/<\/Message>.*//'

if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
# And their names after that: some readers of logs keep no more than the last lines.
[ "$failed" -eq 0 ] || echo "failed: $(cat "$results"/*.trx 2>/dev/null | tr '\n' ' ' | sed 's/<UnitTestResult /\n&/g' | grep '^<UnitTestResult [^>]*outcome="Failed"' | sed -E 's/^[^>]*testName="([^"]*)".*/\1/' | paste -sd ';')"
exit "$code"
