#!/usr/bin/env bash
# Software: nginx 1.22.1, Apache httpd 2.4 (mod_cache_disk), Varnish 7.1.1 and squid 5.7 of Debian 12 as caches in
#   front of a service; caching switched on, nothing else.
# Guess: what is answered to a request with Authorization is nobody else's; RFC 9111, section 3.5, says so.
# Seen: the service says Cache-Control: max-age=60 and answers each token its own. nginx hands alice's answer to bob
#   and to whoever has no token, with her RateLimit field, and does not ask the service. Apache, squid and Varnish ask
#   it each time. With Cache-Control: private all four do. squid takes the token off by default: without
#   login=PASSTHRU the service sees a request of nobody.
# Means: behind nginx a header for browsers is a leak between users, and what it answers is charged to nobody. Write
#   private, or take the token into proxy_cache_key, or have proxy_no_cache and proxy_cache_bypass look at
#   $http_authorization. Behind squid ask for a token's user once, else all users of an address are one.
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
PATH=$PATH:/usr/sbin
for command in nginx apache2 varnishd squid; do
  command -v "$command" > /dev/null \
    || apt-get install -y -qq --no-install-recommends nginx-light apache2 varnish squid > /dev/null
done
nginx -v 2>&1
apache2 -v | sed -n 1p
varnishd -V 2>&1 | sed -n 1p
squid -v | sed -n 1p
cat > ports.mjs <<'JS'
import net from 'node:net';
const servers = Array.from({length: 6}, () => net.createServer().listen(0, '127.0.0.1'));
setTimeout(() => {
  console.log(servers.map(server => server.address().port).join(' '));
  process.exit(0);
}, 200);
JS
read -r origin nginx apache varnish squid plain <<< "$(node ports.mjs)"

mkdir nginx apache apache/cache varnish squid
chmod 777 apache/cache squid
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
for name in squid plain; do
  login=
  [ "$name" = plain ] || login=login=PASSTHRU
  cat > "$name.conf" <<CONF
http_port 127.0.0.1:${!name} accel defaultsite=localhost
cache_peer 127.0.0.1 parent $origin 0 no-query no-digest originserver $login
http_access allow all
cache_mem 8 MB
pid_filename $work/squid/$name.pid
access_log none
cache_log /dev/null
coredump_dir none
shutdown_lifetime 0 seconds
netdb_filename none
pinger_enable off
CONF
  squid -N -f "$work/$name.conf" &
  pids+=($!)
done

cat > seen.mjs <<'JS'
import http from 'node:http';

const [origin, nginx, apache, varnish, squid, plain] = process.argv.slice(2).map(Number);
const pause = ms => new Promise(done => setTimeout(done, ms));
let asked = 0;

await new Promise(done => http.createServer((request, response) => {
  asked++;
  const user = (request.headers.authorization ?? 'Bearer nobody').slice('Bearer '.length);
  const kind = request.url.split('/')[1];
  response.writeHead(200, {
    'content-type': 'text/plain',
    'cache-control': kind === 'ready' ? 'no-store' : kind === 'private' ? 'private, max-age=60' : 'max-age=60',
    'ratelimit': `"${user}";r=7`,
  }).end(user);
}).listen(origin, '127.0.0.1', done));

const get = (port, path, user) => new Promise((done, failed) => {
  const headers = user === undefined ? {} : {authorization: `Bearer ${user}`};
  http.get({port, path, host: '127.0.0.1', agent: false, headers}, response => {
    let text = '';
    response.on('data', data => { text += data; });
    response.on('end', () => done({status: response.statusCode, text, limit: response.headers.ratelimit}));
  }).on('error', failed);
});
async function ready(port) {
  for (let i = 0; ; i++) {
    const {status} = await get(port, '/ready/x').catch(() => ({status: 0}));
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
for (const [name, port, shared] of [
  ['nginx', nginx, true], ['apache', apache, false], ['varnish', varnish, false], ['squid', squid, false]]) {
  await ready(port);
  for (const kind of ['max-age', 'private']) {
    const path = `/${kind}/${name}`;
    const before = asked;
    await get(port, path, 'alice');
    const bob = await get(port, path, 'bob');
    const stranger = await get(port, path);
    const handedOn = shared && kind === 'max-age';
    const fine = bob.text === (handedOn ? 'alice' : 'bob') && bob.limit === `"${bob.text}";r=7`
      && stranger.text === (handedOn ? 'alice' : 'nobody') && asked - before === (handedOn ? 1 : 3);
    changed ||= !fine;
    console.log(`${name}, ${kind}: bob gets ${bob.text}'s with RateLimit ${bob.limit}, a stranger ${stranger.text}'s,`,
        `the service was asked ${asked - before} times`, fine ? '' : '  CHANGED');
  }
}
await ready(plain);
const seen = (await get(plain, '/private/plain', 'alice')).text;
changed ||= seen !== 'nobody';
console.log(`squid without login=PASSTHRU: alice is ${seen}`, seen === 'nobody' ? '' : '  CHANGED');
process.exit(changed ? 1 : 0);
JS
timeout 80 node seen.mjs "$origin" "$nginx" "$apache" "$varnish" "$squid" "$plain"
