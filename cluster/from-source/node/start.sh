#!/usr/bin/env bash
# Becomes the one process whose end ends the node: everything else runs below it, in PID, mount and network namespaces that go
# with it. Who it is was written down before there is anything to end: number, start time and boot, so that neither a number
# that is used again nor a reboot makes anybody end a stranger's process.
set -euo pipefail
here=$(dirname "$0")
start_time=$(awk '{ sub(/.*\) /, ""); print $20 }' /proc/$$/stat)
printf '{"pid": %s, "startTime": "%s", "bootId": "%s"}\n' $$ "$start_time" "$(cat /proc/sys/kernel/random/boot_id)" >"$STATE/process.json.new"
mv "$STATE/process.json.new" "$STATE/process.json"
# Git servers of the node read a checkout where it is on the host.
exec 9</proc/self/ns/mnt
exec unshare --mount --pid --fork --kill-child --mount-proc "$here/enter.sh" "$NAME"
