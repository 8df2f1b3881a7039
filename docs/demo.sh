# Sourced by each try.sh: a folder and processes that end with the script, the demo among them.
# shellcheck shell=bash
work=$(mktemp -d)
chmod 755 "$work"
pids=()
cleanup() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2> /dev/null || true
  done
  for pid in "${pids[@]}"; do
    wait "$pid" 2> /dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Starts a program in a folder of its own, whose output it keeps.
run() {
  local name=$1
  shift
  mkdir -p "$work/$name"
  chmod 777 "$work/$name"
  (cd "$work/$name" && exec "$@" > "$work/$name/out" 2>&1) &
  pids+=($!)
}

# Starts the demo, or what DEMO says, with an environment.
demo() {
  # shellcheck disable=SC2086 # a command and its arguments
  run demo env -C "$(dirname "${BASH_SOURCE[0]}")/.." "$@" ${DEMO:-mvn -q -Pdemo}
}

# Waits until somebody listens there.
await() {
  for _ in $(seq 600); do
    if (: > "/dev/tcp/127.0.0.1/$2") 2> /dev/null; then
      return
    fi
    sleep 0.1
  done
  echo "$1 does not start:" >&2
  tail -n 20 "$work/$1/out" >&2
  exit 1
}
