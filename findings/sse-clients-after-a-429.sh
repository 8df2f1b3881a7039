#!/usr/bin/env bash
# Software: four clients of event streams: Chromium 156's EventSource, npm eventsource 5.1.5, eventsource-client
#   1.2.0 and @microsoft/fetch-event-source 2.0.1, nothing configured. The server names Retry-After 30.
# Guess: such clients reconnect by themselves, so a stream that meets a 429 comes back once it may.
# Seen: the two EventSources close for good at the first 429, also when it meets only the reconnect of a stream that
#   ran, and say no more than "error". eventsource-client asks every two seconds, after a stream that said "retry:
#   300" three times a second, without end. fetch-event-source repeats each second without end, POST too, which is a
#   new run of an agent each time; a 429 of the type text/event-stream it takes for a stream that ended well. None
#   reads Retry-After.
# Means: do not limit reconnects like new streams: a browser that is over its limit for a moment loses its stream
#   until the page is reloaded. Answer 429 with another type than the stream's, and let denied requests cost
#   nothing.
set -euo pipefail
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work" 2>/dev/null || { sleep 1; rm -rf "$work"; }
}
trap cleanup EXIT
cd "$work"
command -v chromium > /dev/null || apt-get install -y -qq --no-install-recommends chromium > /dev/null
chromium --version 2>/dev/null
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund eventsource@5.1.5 eventsource-client@1.2.0 @microsoft/fetch-event-source@2.0.1

cat > seen.mjs <<'JS'
import fs from 'node:fs';
import http from 'node:http';
import {EventSource} from 'eventsource';
import {createEventSource} from 'eventsource-client';

const watchedMs = 9_000;
const stream = {'content-type': 'text/event-stream'};
const asked = new Map();
const told = new Map();
let pageAsked;
const pageLoaded = new Promise(done => { pageAsked = done; });

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/page') {
    response.writeHead(200, {'content-type': 'text/html'});
    response.end(`<script>for (const path of ['/denied?chromium', '/later?chromium']) {
      const source = new EventSource(path);
      source.onerror = () => fetch('/told', {method: 'POST', body: path + ' ' + source.readyState});
    }</script>`);
    pageAsked();
  } else if (url.pathname === '/told') {
    let text = '';
    request.on('data', part => { text += part; }).on('end', () => {
      const [path, state] = text.split(' ');
      told.set(path, Number(state));
      response.end();
    });
  } else if (['/denied', '/later', '/streamed'].includes(url.pathname)) {
    request.resume();
    const times = asked.set(request.url, (asked.get(request.url) ?? 0) + 1).get(request.url);
    if (url.pathname === '/later' && times === 1) {
      response.writeHead(200, stream).end('retry: 300\nid: 1\ndata: hello\n\n');
    } else {
      const type = url.pathname === '/streamed' ? stream : {'content-type': 'application/problem+json'};
      response.writeHead(429, {'retry-after': '30', ...type}).end('{}');
    }
  } else {
    response.writeHead(404).end();
  }
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}`;
fs.writeFileSync('page.url', `${base}/page`);
await pageLoaded;

for (const path of ['/denied', '/later']) {
  const source = new EventSource(`${base}${path}?eventsource`);
  source.onerror = () => told.set(`${path}?eventsource`, source.readyState);
  const client = createEventSource(`${base}${path}?eventsource-client`);
  setTimeout(() => client.close(), watchedMs);
}

Object.assign(globalThis, {window: globalThis});
globalThis.document = {hidden: false, addEventListener() {}, removeEventListener() {}};
const {fetchEventSource} = await import('@microsoft/fetch-event-source');
const ends = {};
for (const path of ['/denied', '/streamed']) {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), watchedMs);
  fetchEventSource(`${base}${path}?fetch-event-source`, {method: 'POST', body: '{}', signal: stop.signal})
      .then(() => { ends[path] ??= stop.signal.aborted ? 'stopped by this script' : 'resolved'; },
          error => { ends[path] = `rejected: ${error.message}`; });
}
await new Promise(done => setTimeout(done, watchedMs + 500));

let changed = false;
function expect(path, fine, more = '') {
  const count = asked.get(path);
  const asSeen = fine(count);
  changed ||= !asSeen;
  console.log(path, 'asked', count, 'times in 9 s', more, asSeen ? '' : '  CHANGED');
}
const closed = path => told.get(path) === 2;
for (const name of ['chromium', 'eventsource']) {
  expect(`/denied?${name}`, n => n === 1 && closed(`/denied?${name}`), `readyState ${told.get(`/denied?${name}`)}`);
  expect(`/later?${name}`, n => n === 2 && closed(`/later?${name}`), `readyState ${told.get(`/later?${name}`)}`);
}
expect('/denied?eventsource-client', n => n >= 2 && n <= 6);
expect('/later?eventsource-client', n => n >= 8);
expect('/denied?fetch-event-source', n => n >= 4 && n <= 11, `by POST, ${ends['/denied']}`);
expect('/streamed?fetch-event-source', n => n === 1 && ends['/streamed'] === 'resolved',
    `by POST, ${ends['/streamed']}`);
process.exit(changed ? 1 : 0);
JS
timeout 55 node seen.mjs &
pids+=($!)
until [ -s page.url ]; do sleep 0.1; done
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --user-data-dir="$work/profile" "$(cat page.url)" > chromium.log 2>&1 &
pids+=($!)
wait "${pids[0]}"
