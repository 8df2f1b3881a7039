#!/usr/bin/env bash
# Software: ofetch 1.5.1 (Nuxt's $fetch), superagent 10.4.2 with .retry(2), @octokit/core 7.0.8 with
#   @octokit/plugin-retry 8.1.1, make-fetch-happen 16.0.1 (what npm fetches with) with {retry: 2}, on a 429 with
#   Retry-After 30.
# Guess: a client that retries a 429 waits for Retry-After, and leaves a POST alone.
# Seen: none of the four reads the field. ofetch, without any option, repeats a GET once, at once. superagent
#   repeats twice at once, POST too. Octokit comes back after 1, 4 and 9 s, POST too. make-fetch-happen after 1 and
#   2 s, GET only.
# Means: each denied call of such a client is two to four decisions, all in time to be denied as well. Denied
#   requests must cost nothing and be the cheapest thing the service does; only a longer ban tells such clients from
#   an attack.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund ofetch@1.5.1 superagent@10.4.2 @octokit/core@7.0.8 \
  @octokit/plugin-retry@8.1.1 make-fetch-happen@16.0.1

cat > seen.mjs <<'JS'
import http from 'node:http';
import {Octokit} from '@octokit/core';
import {retry} from '@octokit/plugin-retry';
import makeFetchHappen from 'make-fetch-happen';
import {ofetch} from 'ofetch';
import superagent from 'superagent';

let changed = false;

async function watch(name, call, ...wanted) {
  const arrivals = [];
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      arrivals.push(performance.now());
      response.writeHead(429, {'retry-after': '30', 'content-type': 'application/json'}).end('{}');
    });
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  await call(`http://127.0.0.1:${server.address().port}`).catch(() => {});
  server.closeAllConnections();
  server.close();
  const pauses = arrivals.slice(1).map((at, i) => (at - arrivals[i]) / 1000);
  const fine = pauses.length === wanted.length && wanted.every((s, i) => pauses[i] > s - 0.3 && pauses[i] < s + 12);
  changed ||= !fine;
  console.log(`${name}: ${arrivals.length} requests, pauses in seconds:`,
      pauses.map(s => s.toFixed(1)).join(' ') || 'none', fine ? '' : '  CHANGED');
}

const log = {debug() {}, info() {}, warn() {}, error() {}};
const octokit = base => new (Octokit.plugin(retry))({baseUrl: base, log});
await Promise.all([
  watch('ofetch GET', base => ofetch(base), 0),
  watch('ofetch POST', base => ofetch(base, {method: 'POST', body: {}})),
  watch('superagent GET', base => superagent.get(base).retry(2), 0, 0),
  watch('superagent POST', base => superagent.post(base).send({}).retry(2), 0, 0),
  watch('octokit GET', base => octokit(base).request('GET /notes'), 1, 4, 9),
  watch('octokit POST', base => octokit(base).request('POST /notes'), 1, 4, 9),
  watch('make-fetch-happen GET', base => makeFetchHappen(base, {retry: 2}), 1, 2),
  watch('make-fetch-happen POST', base => makeFetchHappen(base, {method: 'POST', retry: 2})),
]);
process.exit(changed ? 1 : 0);
JS
node seen.mjs
