#!/usr/bin/env bash
# Has clients of npm meet the demo's rejections, and says when they come back and what their callers have in the end.
# Everything listens on the loopback interface, as ordinary processes that end with the script.
#
#   docs/clients/try.sh            takes a minute; needs bash, npm, Node.js 20, Maven and a JDK
#   DEMO='java -cp ...' PORT=28080 docs/clients/try.sh   another demo, which reads the same environment; another port
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-18090}
. "$here/../demo.sh"

# A run that uses more than 20 tokens has its client wait three seconds for each token more; one that takes its time
# holds the only slot, and nobody knows when that is free.
demo PORT="$port" RATE_LIMIT=1000/hour MODEL_TOKENS=20/minute IN_FLIGHT=1 TRUSTED_PROXIES=127.0.0.1

cp "$here/ask.mjs" "$work"
cd "$work"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund openai@6.49.0 @anthropic-ai/sdk@1.14.0 got@14.6.6 ky@1.14.3 undici@7.30.2 \
  axios@1.13.2 axios-retry@4.5.0

await demo "$port"
node ask.mjs "$port"
