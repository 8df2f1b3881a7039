#!/usr/bin/env bash
# Software: Vercel AI SDK, npm ai 7.0.173 with @ai-sdk/openai 4.0.118, generateText with nothing configured.
# Guess: it waits for Retry-After, or gives up where that is too long.
# Seen: Retry-After 3 is waited for. Retry-After 60 is thrown away: it comes back after 2 s and again after 4 s,
#   three requests within some seven seconds. The bound is a minute, 59 is waited for in full. retry-after-ms counts
#   the same: 70000 is thrown away; with 1500 beside Retry-After 60 the milliseconds win.
# Means: a window of a minute says 60 when it is fresh, just where the SDK stops listening. A limit meant for such
#   agents keeps its Retry-After below 60, by a shorter period or by refilling bit by bit, and denied requests must
#   cost nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund ai@7.0.173 @ai-sdk/openai@4.0.118

cat > seen.mjs <<'JS'
import http from 'node:http';
import {generateText} from 'ai';
import {createOpenAI} from '@ai-sdk/openai';

let changed = false;

async function ask(fields, watchedMs, asSeen) {
  const arrivals = [];
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      arrivals.push(performance.now());
      response.writeHead(429, {'content-type': 'application/json', ...fields});
      response.end('{"error":{"message":"slow down","type":"rate_limit"}}');
    });
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const model = createOpenAI({baseURL: `http://127.0.0.1:${server.address().port}`, apiKey: 'none'})('some-model');
  const stop = new AbortController();
  setTimeout(() => stop.abort(), watchedMs);
  await generateText({model, prompt: 'hello', abortSignal: stop.signal}).catch(() => {});
  server.closeAllConnections();
  server.close();
  const pauses = arrivals.slice(1).map((at, i) => (at - arrivals[i]) / 1000);
  const fine = asSeen(pauses);
  changed ||= !fine;
  console.log(JSON.stringify(fields), arrivals.length, 'requests, pauses in seconds:',
      pauses.map(s => s.toFixed(1)).join(' ') || 'none yet', fine ? '' : '  CHANGED');
}

const near = (...wanted) => pauses =>
    pauses.length === wanted.length && wanted.every((s, i) => pauses[i] > s - 0.3 && pauses[i] < s + 12);

await Promise.all([
  ask({'retry-after': '3'}, 40_000, near(3, 3)),
  ask({'retry-after': '59'}, 12_000, near()),
  ask({'retry-after': '60'}, 40_000, near(2, 4)),
  ask({'retry-after': '3600'}, 40_000, near(2, 4)),
  ask({'retry-after-ms': '70000'}, 40_000, near(2, 4)),
  ask({'retry-after-ms': '1500', 'retry-after': '60'}, 40_000, near(1.5, 1.5)),
]);
process.exit(changed ? 1 : 0);
JS
node seen.mjs
