#!/usr/bin/env bash
# Has clients of npm meet the demo's rejections, and says when they come back and what their callers have in the end.
# Everything listens on the loopback interface, as ordinary processes that end with the script.
#
#   docs/clients/try.sh            takes a minute; needs bash, npm, Node.js 20, Maven and a JDK
#   DEMO='java -cp ...' PORT=28080 docs/clients/try.sh   another demo, which reads the same environment; another port
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-18090}
work=$(mktemp -d)
demo=
cleanup() {
  if [ -n "$demo" ]; then
    kill "$demo" 2> /dev/null || true
    wait "$demo" 2> /dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# A run that uses more than 20 tokens has its client wait three seconds for each token more; one that takes its time
# holds the only slot, and nobody knows when that is free.
demo() {
  cd "$here/../.."
  # shellcheck disable=SC2086 # a command and its arguments
  PORT=$port RATE_LIMIT=1000/hour MODEL_TOKENS=20/minute IN_FLIGHT=1 TRUSTED_PROXIES=127.0.0.1 \
    exec ${DEMO:-mvn -q -Pdemo}
}
demo > "$work/demo.log" 2>&1 &
demo=$!

cp "$here/ask.mjs" "$work"
cd "$work"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund openai@6.49.0 @anthropic-ai/sdk@1.14.0 got@14.6.6 ky@1.14.3 undici@7.30.2 \
  axios@1.13.2 axios-retry@4.5.0

for _ in $(seq 600); do
  if (: > "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
    node ask.mjs "$port"
    exit
  fi
  sleep 0.1
done
echo "the demo does not start:" >&2
tail -n 20 demo.log >&2
exit 1
