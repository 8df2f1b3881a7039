#!/usr/bin/env bash
# Software: HAProxy 2.6.12 (Debian 12), a limit of 5 requests in 3 seconds by a stick table's http_req_rate.
# Guess: who asks too often gets through at the permitted rate, and the rest is denied.
# Seen: with the usual order, track-sc0 and then deny, denied requests count: a client that asks every 0.2 s gets
#   its first five answers and then none, for as long as it asks. With deny (by src_http_req_rate) before track it
#   gets some through in every window. With gpc0_rate that is counted after the deny it gets its rate. No variant
#   sends a Retry-After.
# Means: behind such a proxy a retrying client stays locked out, whatever the service's own limiter would say, and
#   nothing reaches that limiter's counters. Track after the deny, and set Retry-After with "http-request return ...
#   hdr".
set -euo pipefail
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
command -v haproxy > /dev/null || apt-get install -y -qq --no-install-recommends haproxy > /dev/null
haproxy -v | sed -n 1p
cat > ports.mjs <<'JS'
import net from 'node:net';
const servers = Array.from({length: 4}, () => net.createServer().listen(0, '127.0.0.1'));
setTimeout(() => {
  console.log(servers.map(server => server.address().port).join(' '));
  process.exit(0);
}, 200);
JS
read -r origin first second third <<< "$(node ports.mjs)"
cat > haproxy.cfg <<CFG
global
  maxconn 100
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 5s
  default_backend origin
frontend track_then_deny
  bind 127.0.0.1:$first
  stick-table type ipv6 size 1k expire 60s store http_req_rate(3s)
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 5 }
frontend deny_then_track
  bind 127.0.0.1:$second
  stick-table type ipv6 size 1k expire 60s store http_req_rate(3s)
  http-request deny deny_status 429 if { src_http_req_rate gt 5 }
  http-request track-sc0 src
frontend count_after_deny
  bind 127.0.0.1:$third
  stick-table type ipv6 size 1k expire 60s store gpc0,gpc0_rate(3s)
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_gpc0_rate(0) ge 5 }
  http-request sc-inc-gpc0(0)
backend origin
  server origin 127.0.0.1:$origin
CFG
haproxy -db -f haproxy.cfg > haproxy.log 2>&1 &
pids+=($!)

cat > seen.mjs <<'JS'
import http from 'node:http';

const [origin, ...frontends] = process.argv.slice(2).map(Number);
const served = http.createServer((request, response) => response.end('ok'));
await new Promise(done => served.listen(origin, '127.0.0.1', done));
const pause = ms => new Promise(done => setTimeout(done, ms));
const get = port => new Promise((done, failed) => http.get({port, host: '127.0.0.1', agent: false}, response =>
    response.resume().on('end', () => done(response))).on('error', failed));
await pause(1_500);

let changed = false;
async function watch(name, port, asSeen) {
  let line = '';
  let retryAfter = false;
  for (let i = 0; i < 50; i++) {
    const {statusCode, headers} = await get(port);
    line += statusCode === 200 ? '.' : 'x';
    retryAfter ||= 'retry-after' in headers;
    await pause(200);
  }
  const later = [...line.slice(20)].filter(c => c === '.').length;
  const fine = line.includes('x') && asSeen(later) && !retryAfter;
  changed ||= !fine;
  console.log(name.padEnd(16), line, `${later} of the last 30 get through`, fine ? '' : '  CHANGED');
}
await Promise.all([
  watch('track, then deny', frontends[0], later => later === 0),
  watch('deny, then track', frontends[1], later => later >= 4),
  watch('count after deny', frontends[2], later => later >= 4),
]);
process.exit(changed ? 1 : 0);
JS
timeout 60 node seen.mjs "$origin" "$first" "$second" "$third"
