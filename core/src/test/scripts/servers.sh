#!/usr/bin/env bash
# Runs the tests on Redis against every server of its kind that this machine's Debian suites offer, newest last.
#
# Takes packages from whatever suites apt knows here (backports, testing, unstable: add them to its sources first),
# unpacks them into a temporary folder and installs nothing. Ends with an error if one server fails, or none is found.
#
#   core/src/test/scripts/servers.sh                       every server
#   core/src/test/scripts/servers.sh valkey                those whose package begins so
#   TESTS=RedisAclIT core/src/test/scripts/servers.sh      other tests than the contract and what build() finds out
set -euo pipefail
cd "$(dirname "$0")/../../../.."

only=${1:-}
tests=${TESTS:-RedisRateLimiterContractIT,RedisScriptIT,RedisRefusalIT,RedisAclIT}
folder=$(mktemp -d)
server=
trap 'stop; rm -rf "$folder"' EXIT

stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}

# One line for each upstream version: flavour, then the version of its packages.
offered() {
  for flavour in redis valkey redict; do
    apt-cache madison "$flavour-server" 2>/dev/null | awk -v flavour="$flavour" '{
      upstream = $3; sub(/^[0-9]+:/, "", upstream); sub(/[-+~].*/, "", upstream)
      if (!(upstream in seen)) { seen[upstream] = 1; print flavour, $3 }
    }'
  done | grep "^$only" | sort -V || true
}

# Puts the programs of one version into a folder, with the libraries that this machine lacks.
unpack() {
  local flavour=$1 version=$2 into=$3
  mkdir -p "$into/debs" "$into/bin"
  (cd "$into/debs" && apt-get download "$flavour-server=$version" "$flavour-tools=$version" >/dev/null 2>&1)
  for deb in "$into"/debs/*.deb; do dpkg-deb -x "$deb" "$into"; done
  for missing in $(ldd "$into/usr/bin/$flavour-server" | awk '/not found/ { print $1 }' | sort -u); do
    echo "  needs $missing, which this machine lacks" >&2
  done
  # The tests look for this name on the path.
  ln -s "$into/usr/bin/$flavour-server" "$into/bin/redis-server"
}

failed=
ran=0
while read -r flavour version; do
  into=$folder/$flavour-$version
  echo "== $flavour $version"
  unpack "$flavour" "$version" "$into"
  port=$((20000 + RANDOM % 10000))
  "$into/bin/redis-server" --port "$port" --bind 127.0.0.1 --save "" --dir "$into" >"$into/log" 2>&1 &
  server=$!
  if REDIS_URL=redis://127.0.0.1:$port PATH=$into/bin:$PATH \
    mvn -B -pl core verify -Dtest=NONE -Dit.test="$tests" -Dsurefire.failIfNoSpecifiedTests=false \
    -Dmaven.javadoc.skip=true -Dspotless.check.skip=true </dev/null >"$into/mvn" 2>&1; then
    grep "Tests run:" "$into/mvn" | tail -1
  else
    failed="$failed $flavour-$version"
    grep "ERROR\|needs" "$into/mvn" | head -20
  fi
  stop
  ran=$((ran + 1))
done < <(offered)

[ "$ran" -gt 0 ] || { echo "apt offers no server here" >&2; exit 1; }
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
echo "$ran servers passed"
