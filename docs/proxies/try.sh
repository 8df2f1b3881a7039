#!/usr/bin/env bash
# Runs the demo behind each of the six proxies with the configuration that stands beside this script, and says what
# their clients see. Everything listens on the loopback interface, as ordinary processes that end with the script.
#
#   docs/proxies/try.sh            takes a minute; needs bash, curl, Maven and a JDK
#   DEMO='java -cp ...' PORT=28080 docs/proxies/try.sh   another demo, which reads the same environment; other ports,
#                                                        twenty from a multiple of ten
#
# The second table has the same proxies with a setting that is not to be copied, before a service that answers what
# its path says and counts how often it is asked.
#
# Debian's packages are used where they are installed; the others are unpacked into a folder that is removed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
port=${PORT:-18080}
. "$here/../demo.sh"

declare -A command=([nginx]=nginx [haproxy]=haproxy [apache2]=apache2 [varnish]=varnishd [caddy]=caddy [squid]=squid)
export PATH="$PATH:/usr/sbin:/sbin:$work/root/usr/sbin:$work/root/usr/bin"
missing=()
for package in "${!command[@]}"; do
  command -v "${command[$package]}" > /dev/null || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "Unpacking ${missing[*]}, and what they need"
  mkdir -p "$work/root" "$work/debs"
  (
    cd "$work/debs"
    apt-get -s -qq --no-install-recommends install "${missing[@]}" | awk '$1 == "Inst" {print $2}' \
      | xargs apt-get -qq download
    for deb in *.deb; do
      dpkg -x "$deb" "$work/root"
    done
  )
  libraries=$(find "$work/root" -name '*.so*' -printf '%h\n' | sort -u | paste -sd :)
  export LD_LIBRARY_PATH="$libraries"
fi

# Copies a configuration, with the ports of this run.
configuration() {
  local modules="$work/root/usr/lib/apache2/modules"
  sed -e "s/808\([0-9]\)/$((port / 10))\1/g" "$here/$1" > "$work/$1"
  if [ -d "$modules" ]; then
    sed -i "s|/usr/lib/apache2/modules|$modules|" "$work/$1"
  fi
}

demo PORT="$port" RATE_LIMIT=1/hour TRUSTED_PROXIES=127.0.0.1

for file in nginx.conf haproxy.cfg apache.conf varnish.vcl Caddyfile squid.conf; do
  configuration "$file"
done
temporary=
for kind in client_body proxy fastcgi uwsgi scgi; do
  temporary="$temporary ${kind}_temp_path $work/${kind}_temp;"
done
user=$(id -un)
sed -i "s|^http {|user $user; error_log stderr; http { access_log off; $temporary|" "$work/nginx.conf"
if [ "$user" != root ]; then
  sed -i "s|^user [^;]*;||" "$work/nginx.conf"
fi
sed -e "s/127.0.0.1:$((port + 1))/127.0.0.1:$((port + 7))/; s/ max_fails=0//" \
  -e 's/proxy_next_upstream error timeout/& http_429 non_idempotent/' "$work/nginx.conf" > "$work/http_429.conf"
printf 'PidFile %s\nErrorLog /dev/stderr\nDefaultRuntimeDir %s\n' "$work/apache.pid" "$work" >> "$work/apache.conf"
printf '%s\n' "pid_filename $work/squid.pid" "access_log none" "cache_log /dev/null" "coredump_dir none" \
  "shutdown_lifetime 0 seconds" "netdb_filename none" "pinger_enable off" >> "$work/squid.conf"
share="$work/root/usr/share"
if [ -d "$share/squid" ]; then
  printf '%s\n' "mime_table $share/squid/mime.conf" "icon_directory $share/squid/icons" \
    "error_directory $share/squid-langpack/en" "unlinkd_program $work/root/usr/lib/squid/unlinkd" \
    "logfile_daemon $work/root/usr/lib/squid/log_file_daemon" >> "$work/squid.conf"
fi

await demo "$port"
run nginx nginx -p "$work" -c "$work/nginx.conf" -g "daemon off; pid $work/nginx.pid;"
run http_429 nginx -p "$work" -c "$work/http_429.conf" -g "daemon off; pid $work/http_429.pid;"
run haproxy haproxy -db -f "$work/haproxy.cfg"
run apache apache2 -X -f "$work/apache.conf"
run varnish varnishd -F -n "$work/varnish.d" -f "$work/varnish.vcl" -a "127.0.0.1:$((port + 4))" -s malloc,16m
run caddy env HOME="$work/caddy" caddy run --adapter caddyfile --config "$work/Caddyfile"
run squid squid -N -f "$work/squid.conf"

# What the service has decided so far.
decisions() {
  curl -s "http://127.0.0.1:$port/metrics" | awk '/^penstock_decisions_total/ {sum += $NF} END {print sum + 0}'
}

# One run of a client with an address of its own; curl says 000 where there was no answer.
post() {
  curl -s -m 30 --interface "$1" -o "$work/body" -w '%{http_code}' -X POST -H 'Content-Length: 0' \
    -H 'X-Forwarded-For: 203.0.113.9' -H 'Forwarded: for=203.0.113.9' "http://127.0.0.1:$2/agents/a1/runs" || true
}

# A run of the user of the demo's token, who has nothing left, from an address that has.
post_as_user() {
  curl -s -m 30 --interface "$1" -o "$work/body" -w '%{http_code}' -X POST -H 'Content-Length: 0' \
    -H "Authorization: Bearer $token" "http://127.0.0.1:$2/agents/a1/runs" || true
}

# A client that sends 100 KiB in two and a half seconds, and reads an answer only then; prints its status.
slow_post() (
  trap '' PIPE
  piece=$(printf '%4096s' '')
  exec 3<> "/dev/tcp/127.0.0.1/$1"
  printf 'POST /agents/a1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 102400\r\nConnection: close\r\n\r\n' >&3
  for _ in $(seq 25); do
    printf '%s' "$piece" >&3 || break
    sleep 0.1
  done 2> /dev/null
  if read -r -t 30 _ status _ <&3; then
    echo "$status"
  else
    echo none
  fi
)

row() {
  local name=$1 at=$2 net=$3
  await "$name" "$at"
  local first second third other user slow charged before asked
  first=$(post "127.0.$net.1" "$at")
  charged=$(sed -n 's/.*"charged_to":"\([^"]*\)".*/\1/p' "$work/body")
  before=$(decisions)
  second=$(post "127.0.$net.1" "$at")
  asked=$(($(decisions) - before))
  third=$(post "127.0.$net.1" "$at")
  other=$(post "127.0.$net.2" "$at")
  user=$(post_as_user "127.0.$net.3" "$at")
  slow=$(slow_post "$at")
  printf '| %s | %s, %s | %s, %s | %s | %s | %s | %s |\n' \
    "$name" "$first" "${charged:-nobody}" "$second" "$third" "$asked" "$other" "$user" "$slow"
}

# So that the slow client, which has this address, is denied everywhere, and the token's user.
curl -s -o "$work/body" -X POST -H 'Content-Length: 0' "http://127.0.0.1:$port/agents/a1/runs"
token=$(sed -n 's/^Token of user .*: //p' "$work/demo/out")
post_as_user 127.0.0.1 "$port" > "$work/body"
echo "| proxy | permitted, charged to | denied twice | decisions for the first | another client | a denied user | slow 100 KiB, denied |"
echo "|---|---|---|---|---|---|---|"
row demo "$port" 1
row nginx $((port + 1)) 2
row haproxy $((port + 2)) 3
row apache $((port + 3)) 4
row varnish $((port + 4)) 5
row caddy $((port + 5)) 6
row squid $((port + 6)) 7
row http_429 $((port + 7)) 8

# A service that counts.
mkdir -p "$work/busy"
cat > "$work/busy/Busy.java" <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

class Busy {
  public static void main(String[] arguments) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    int port = Integer.parseInt(arguments[0]);
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
    server.createContext("/asked", exchange -> {
      byte[] count = Integer.toString(asked.getAndSet(0)).getBytes();
      exchange.sendResponseHeaders(200, count.length);
      exchange.getResponseBody().write(count);
      exchange.close();
    });
    server.createContext("/", exchange -> {
      asked.incrementAndGet();
      exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(Integer.parseInt(exchange.getRequestURI().getPath().substring(1)), -1);
      exchange.close();
    });
    server.start();
  }
}
JAVA
busy=$((port + 10))
run busy java "$work/busy/Busy.java" "$busy"
await busy "$busy"

# Copies a configuration of this run for the service that counts, ten ports further, with other settings.
careless() {
  local from=$1 to=$2
  shift 2
  sed -E -e "s/\b$((port / 10))([0-9])\b/$((port / 10 + 1))\1/g" -e "s#$work/(apache|squid)#$work/careless-\1#g" \
    "$@" "$work/$from" > "$work/$to"
}
careless nginx.conf careless-nginx.conf -e 's/proxy_next_upstream error timeout/& http_429 http_503 non_idempotent/'
careless haproxy.cfg careless-haproxy.cfg -e 's/retry-on conn-failure/retry-on all-retryable-errors/'
careless varnish.vcl careless-varnish.vcl -e 's/^sub vcl_backend_response \{/&\n  if (beresp.status == 503) { return (retry); }/'
careless Caddyfile careless-Caddyfile -e 's/flush_interval -1/&\n\t\tunhealthy_status 429 503\n\t\tfail_duration 30s/'
careless squid.conf careless-squid.conf -e 's/^retry_on_error off/retry_on_error on/'
careless apache.conf careless-apache.conf -e '/^ProxyPass /d'
modules=$(sed -n 's|^LoadModule proxy_module \(.*\)/mod_proxy.so|\1|p' "$work/apache.conf")
cat >> "$work/careless-apache.conf" <<CONF
LoadModule slotmem_shm_module $modules/mod_slotmem_shm.so
LoadModule proxy_balancer_module $modules/mod_proxy_balancer.so
LoadModule lbmethod_byrequests_module $modules/mod_lbmethod_byrequests.so
<Proxy "balancer://agents">
  BalancerMember "http://127.0.0.1:$busy"
  ProxySet failonstatus=429,503
</Proxy>
ProxyPass "/" "balancer://agents/"
CONF
mkdir -p "$work/careless"
run careless-nginx nginx -p "$work" -c "$work/careless-nginx.conf" -g "daemon off; pid $work/careless-nginx.pid;"
run careless-haproxy haproxy -db -f "$work/careless-haproxy.cfg"
run careless-apache apache2 -X -f "$work/careless-apache.conf"
run careless-varnish varnishd -F -n "$work/careless-varnish.d" -f "$work/careless-varnish.vcl" \
  -a "127.0.0.1:$((busy + 4))" -s malloc,16m
run careless-caddy env HOME="$work/careless-caddy" caddy run --adapter caddyfile --config "$work/careless-Caddyfile"
run careless-squid squid -N -f "$work/careless-squid.conf"

# How often the service is asked for one request, and with what status the proxy answers.
asked() {
  local status
  curl -s -o "$work/body" "http://127.0.0.1:$busy/asked"
  status=$(curl -s -m 30 -o "$work/body" -w '%{http_code}' -X "$1" -H 'Content-Length: 0' "http://127.0.0.1:$2/$3" || true)
  curl -s -o "$work/body" "http://127.0.0.1:$busy/asked"
  printf '%s, %s' "$(cat "$work/body")" "$status"
}

careless_row() {
  await "careless-$1" "$3"
  printf '| %s | %s | %s | %s | %s | %s |\n' "$1" "$2" \
    "$(asked POST "$3" 429)" "$(asked GET "$3" 200)" "$(asked POST "$3" 503)" "$(asked GET "$3" 503)"
}
echo
echo "| proxy | with | POST answered 429: asked, seen | somebody else | POST answered 503 | GET answered 503 |"
echo "|---|---|---|---|---|---|"
careless_row nginx '`http_429 http_503 non_idempotent`' $((busy + 1))
careless_row haproxy '`retry-on all-retryable-errors`' $((busy + 2))
careless_row apache '`failonstatus=429,503`' $((busy + 3))
careless_row varnish '`return (retry)` on 503' $((busy + 4))
careless_row caddy '`unhealthy_status 429 503`, `fail_duration 30s`' $((busy + 5))
careless_row squid '`retry_on_error on`' $((busy + 6))
nginx -v 2>&1
haproxy -v | sed -n 1p
apache2 -v | sed -n 1p
varnishd -V 2>&1 | sed -n 1p
caddy version
squid -v | sed -n 1p
