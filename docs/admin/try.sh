#!/usr/bin/env bash
# Opens the demo's status page in headless Chromium: signs in, looks at 1,000 limits and 100 who are denied, finds out
# how long a refresh takes, fills a bucket, and takes pictures: light, dark, and as wide as a phone.
#
#   docs/admin/try.sh              takes a minute; needs bash, Chromium (Debian's), Node.js 18, Maven and a JDK
#   DEMO='java -cp ...' PORT=28080 docs/admin/try.sh     another demo, which reads the same environment; another port
#   CHROMIUM=google-chrome docs/admin/try.sh             another browser
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-18090}
admin_port=$((port + 1))
token=0123456789abcdef0123456789abcdef
. "$here/../demo.sh"

policy() {
  echo 'policies:'
  echo '  next:'
  echo '    next: 2/minute'
  for i in $(seq 999); do
    echo "  agent-$i:"
    echo "    runs-$i: 5/minute"
  done
  echo 'rules:'
  for i in $(seq 999); do
    echo "  - {pattern: POST /agents/a$i/runs, policy: agent-$i, shadow: next}"
  done
  echo 'clients: {trustedProxies: [127.0.0.1]}'
  echo 'bans: {denials: 10000, period: 1 minute, lasting: 10 minutes}'
  echo '...'
}
policy > "$work/policy.yaml"

demo PORT="$port" POLICY_FILE="$work/policy.yaml" ADMIN_PORT="$admin_port" ADMIN_TOKEN="$token"
await demo "$admin_port"

if ! node "$here/try.mjs" "http://127.0.0.1:$port" "http://127.0.0.1:$admin_port/" "$token" "$work" "$here"; then
  tail -n 20 "$work/demo/out"
  exit 1
fi
