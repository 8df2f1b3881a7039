#!/usr/bin/env bash
# Software: nginx 1.22.1, Apache httpd 2.4 (mod_cache_disk) and Varnish 7.1.1 of Debian 12 as caches, and Chromium
#   156's fetch(); caching switched on, nothing else.
# Guess: an error such as 429 is not cached, at most a 404 is.
# Seen: an application that marks all it sends, its errors too, with "Cache-Control: public, max-age=60" or Expires:
#   the 429 that one client earned is handed to every other by nginx and Apache for a minute, the application is not
#   asked, and Chromium answers itself from its cache when the time of Retry-After (1 s) is over. Varnish hands on,
#   and asks each time. Without such a field none of them keeps a 429.
# Means: a limiter sets "Cache-Control: no-store" on its rejections and takes away what a filter around it has put
#   there.
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
chmod 755 .
for command in nginx apache2 varnishd chromium; do
  command -v "$command" > /dev/null || PATH=$PATH:/usr/sbin command -v "$command" > /dev/null \
    || apt-get install -y -qq --no-install-recommends nginx-light apache2 varnish chromium > /dev/null
done
PATH=$PATH:/usr/sbin
nginx -v 2>&1
apache2 -v | sed -n 1p
varnishd -V 2>&1 | sed -n 1p
cat > ports.mjs <<'JS'
import net from 'node:net';
const servers = Array.from({length: 4}, () => net.createServer().listen(0, '127.0.0.1'));
setTimeout(() => {
  console.log(servers.map(server => server.address().port).join(' '));
  process.exit(0);
}, 200);
JS
read -r origin nginx apache varnish <<< "$(node ports.mjs)"

mkdir nginx apache apache/cache varnish
chmod 777 apache/cache
cat > nginx.conf <<CONF
daemon off;
user root;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
worker_processes 1;
events {}
http {
  access_log off;
  proxy_cache_path $work/nginx/cache keys_zone=some:1m;
  client_body_temp_path $work/nginx/body;
  proxy_temp_path $work/nginx/proxy;
  fastcgi_temp_path $work/nginx/fastcgi;
  uwsgi_temp_path $work/nginx/uwsgi;
  scgi_temp_path $work/nginx/scgi;
  server {
    listen 127.0.0.1:$nginx;
    location / {
      proxy_pass http://127.0.0.1:$origin;
      proxy_cache some;
    }
  }
}
CONF
nginx -c "$work/nginx.conf" &
pids+=($!)
cat > apache.conf <<CONF
ServerName localhost
Listen 127.0.0.1:$apache
User www-data
Group www-data
PidFile $work/apache/pid
DefaultRuntimeDir $work/apache
ErrorLog $work/apache/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule cache_module /usr/lib/apache2/modules/mod_cache.so
LoadModule cache_disk_module /usr/lib/apache2/modules/mod_cache_disk.so
CacheRoot $work/apache/cache
CacheEnable disk /
ProxyPass / http://127.0.0.1:$origin/
CONF
apache2 -X -f "$work/apache.conf" &
pids+=($!)
varnishd -F -n "$work/varnish" -a "127.0.0.1:$varnish" -b "127.0.0.1:$origin" -s malloc,8m > varnish.log 2>&1 &
pids+=($!)

cat > seen.mjs <<'JS'
import fs from 'node:fs';
import http from 'node:http';

const [origin, nginx, apache, varnish] = process.argv.slice(2).map(Number);
const pause = ms => new Promise(done => setTimeout(done, ms));
const asked = new Map();
let tellPage;
const pageTold = new Promise(done => { tellPage = done; });

await new Promise(done => http.createServer((request, response) => {
  const {pathname} = new URL(request.url, 'http://localhost');
  if (pathname === '/page') {
    response.writeHead(200, {'content-type': 'text/html'});
    response.end(`<script>(async () => {
      for (const path of ['/marked/chromium', '/expires/chromium', '/plain/chromium']) {
        await fetch(path);
        await new Promise(done => setTimeout(done, 1500));
        await fetch(path);
      }
      await fetch('/told', {method: 'POST'});
    })()</script>`);
    return;
  }
  if (pathname === '/told') {
    response.end();
    tellPage();
    return;
  }
  asked.set(pathname, (asked.get(pathname) ?? 0) + 1);
  // Client A is over its limit, client B and everybody who asks a second time are not.
  const over = request.headers['x-client'] !== 'B' && asked.get(pathname) === 1;
  const fields = {'content-type': 'text/plain', 'retry-after': '1'};
  if (pathname.startsWith('/marked')) {
    fields['cache-control'] = 'public, max-age=60';
  } else if (pathname.startsWith('/expires')) {
    fields.expires = new Date(Date.now() + 60_000).toUTCString();
  }
  response.writeHead(over ? 429 : 200, fields).end('text');
}).listen(origin, '127.0.0.1', done));
fs.writeFileSync('page.url', `http://127.0.0.1:${origin}/page`);

const get = (port, path, client) => new Promise((done, failed) =>
    http.get({port, path, host: '127.0.0.1', agent: false, headers: {'x-client': client}}, response =>
        response.resume().on('end', () => done(response.statusCode))).on('error', failed));
async function ready(port) {
  for (let i = 0; ; i++) {
    const status = await get(port, '/ready', 'B').catch(() => 0);
    if (status === 200) {
      return;
    }
    if (i === 100) {
      throw new Error(`nothing serves at ${port}`);
    }
    await pause(200);
  }
}

let changed = false;
for (const [name, port, shared] of [['nginx', nginx, true], ['apache', apache, true], ['varnish', varnish, false]]) {
  await ready(port);
  for (const kind of ['marked', 'expires', 'plain']) {
    const a = await get(port, `/${kind}/${name}`, 'A');
    const b = await get(port, `/${kind}/${name}`, 'B');
    const kept = shared && kind !== 'plain';
    const fine = a === 429 && b === (kept ? 429 : 200);
    changed ||= !fine;
    console.log(`${name}, ${kind}: client A gets ${a}, then client B ${b}`, fine ? '' : '  CHANGED');
  }
}
await pageTold;
for (const [kind, wanted] of [['marked', 1], ['expires', 1], ['plain', 2]]) {
  const count = asked.get(`/${kind}/chromium`);
  const fine = count === wanted;
  changed ||= !fine;
  console.log(`chromium, ${kind}: fetched twice, the server was asked ${count} times`, fine ? '' : '  CHANGED');
}
process.exit(changed ? 1 : 0);
JS
timeout 80 node seen.mjs "$origin" "$nginx" "$apache" "$varnish" &
seen_pid=$!
pids+=("$seen_pid")
until [ -s page.url ]; do sleep 0.1; done
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --user-data-dir="$work/profile" "$(cat page.url)" > chromium.log 2>&1 &
pids+=($!)
wait "$seen_pid"
