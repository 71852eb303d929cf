# Sourced. keep_running LOG PROGRAM [ARGUMENT...] runs a program in the background, and restarts it when it ends.
keep_running() {
  local log=$1
  shift
  (
    while :; do
      "$@" >>"$log" 2>&1 </dev/null || true
      echo "$(date -Is) ended and is started again: $1" >>"$log"
      sleep 1
    done
  ) &
}
