#!/usr/bin/env bash
# Adds up the closing lines of a test log, and fails if something that must run did not.
set -euo pipefail
log=$1
required="$(dirname "$0")/required.txt"

read -r passed failed ignored <<<"$(
    awk '/^test result:/ { passed += $4; failed += $6; ignored += $8 } END { print passed + 0, failed + 0, ignored + 0 }' "$log"
)"
missing=0
# Each line: the least number of tests that pass, and what their names begin with.
while read -r least prefix; do
    case "$least" in '' | '#'*) continue ;; esac
    ran=$(grep -cE "^test ${prefix}.* \.\.\. ok$" "$log" || true)
    if [ "$ran" -lt "$least" ]; then
        echo "must run: at least $least tests named $prefix*, $ran passed"
        missing=$((missing + 1))
    fi
done <"$required"
grep -h "NOT RUN:" "$log" && missing=$((missing + 1))
failed=$((failed + missing))
echo "$passed passed, $failed failed, $ignored skipped"
[ "$failed" -eq 0 ]
