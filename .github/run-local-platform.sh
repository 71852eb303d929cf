#!/usr/bin/env bash
# Runs two experiments on the local platform, which starts and ends the store for each, and checks that nothing is left running.
set -euo pipefail
cd "$(dirname "$0")/.."
./meshmart experiment canary
./meshmart experiment chaos-checkout
npx vitest run --project packages packages/processes
if pgrep -fl 'envoy|postgres|src/server.ts'; then
  echo 'These processes are left.'
  exit 1
fi
