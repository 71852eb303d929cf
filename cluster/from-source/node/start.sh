#!/usr/bin/env bash
# Becomes the process whose end ends the node: everything else runs below it, in PID, mount and network namespaces that end with
# it. First it records its process id, start time and boot. With these, a reused id or a reboot cannot lead to another process.
set -euo pipefail
here=$(dirname "$0")
start_time=$(awk '{ sub(/.*\) /, ""); print $20 }' /proc/$$/stat)
printf '{"pid": %s, "startTime": "%s", "bootId": "%s"}\n' $$ "$start_time" "$(cat /proc/sys/kernel/random/boot_id)" >"$STATE/process.json.new"
mv "$STATE/process.json.new" "$STATE/process.json"
# The node's Git server reads the checkout at its path on the host.
exec 9</proc/self/ns/mnt
exec unshare --mount --pid --fork --kill-child --mount-proc "$here/enter.sh" "$NAME"
