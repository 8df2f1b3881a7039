#!/usr/bin/env bash
# Software: LangChain.js, npm @langchain/core 1.4.0 with @langchain/openai 1.6.0, ChatOpenAI with nothing
#   configured.
# Guess: a 429 is retried with growing pauses, Retry-After says how long they are, the text of an error is for
#   people.
# Seen: a 429 without Retry-After is never repeated, unless its message says "try again in 1 second"; with
#   Retry-After 1 it is repeated again and again, unless the message says that a limit "will reset at" some time.
#   Retry-After 61 ends it at once; 30 holds the caller's promise for half a minute without a word.
# Means: for these agents the field and the sentence decide whether they come back at all. Leave Retry-After out
#   where waiting is no use, keep it to a minute where it is, and mind "try again in", "retry after", "usage quota",
#   "billing" and "will reset at" in the message.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund @langchain/core@1.4.0 @langchain/openai@1.6.0

cat > seen.mjs <<'JS'
import http from 'node:http';
import {ChatOpenAI} from '@langchain/openai';

let changed = false;

async function ask(fields, message, watchedMs, asSeen) {
  const arrivals = [];
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      arrivals.push(performance.now());
      response.writeHead(429, {'content-type': 'application/json', ...fields});
      response.end(JSON.stringify({error: {message, type: 'rate_limit'}}));
    });
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const model = new ChatOpenAI({
    model: 'some-model', apiKey: 'none', configuration: {baseURL: `http://127.0.0.1:${server.address().port}`},
  });
  const end = await Promise.race([
    model.invoke('hello').catch(error => error.name),
    new Promise(done => setTimeout(done, watchedMs, 'still waiting')),
  ]);
  const pauses = arrivals.slice(1).map((at, i) => (at - arrivals[i]) / 1000);
  server.closeAllConnections();
  server.close();
  const fine = asSeen(arrivals.length, pauses, end);
  changed ||= !fine;
  console.log(JSON.stringify(fields), `"${message}"`, arrivals.length, 'requests, pauses in seconds:',
      pauses.map(s => s.toFixed(1)).join(' ') || 'none', '|', end, fine ? '' : '  CHANGED');
}

const once = (n, pauses, end) => n === 1 && end === 'RateLimitCapacityError';
const repeated = (n, pauses) => n >= 3 && pauses.every(s => s >= 0.9);
await Promise.all([
  ask({}, 'Slow down.', 20_000, once),
  ask({}, 'Slow down, try again in 1 second.', 20_000, repeated),
  ask({'retry-after': '1'}, 'Slow down.', 20_000, repeated),
  ask({'retry-after': '1'}, 'The monthly limit will reset at noon.', 20_000,
      (n, pauses, end) => n === 1 && end !== 'still waiting'),
  ask({'retry-after': '30'}, 'Slow down.', 12_000, (n, pauses, end) => n === 1 && end === 'still waiting'),
  ask({'retry-after': '61'}, 'Slow down.', 20_000, once),
]);
process.exit(changed ? 1 : 0);
JS
node seen.mjs
