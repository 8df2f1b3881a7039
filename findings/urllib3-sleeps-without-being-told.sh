#!/usr/bin/env bash
# Software: Python's urllib3 1.26.12 (Debian 12), PoolManager().request() with nothing configured.
# Guess: retries are for broken connections; a 429 is an answer and is handed to the caller.
# Seen: a GET answered by 429 with Retry-After is sent four times, and the caller's thread sleeps the whole field
#   before each of the last three: 1 takes three seconds, an hour would take three hours, without a bound.
#   Retry-After 0 makes the four within an instant. Without the field the 429 is handed over at once; so it is for
#   POST, even if status_forcelist has it.
# Means: Retry-After decides how long threads of such callers hang, and how many decisions a denied call costs. Keep
#   it short by refilling bit by bit, never send 0, and tell callers of Retry(respect_retry_after_header=False).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
/usr/bin/python3 -c 'import urllib3' 2>/dev/null \
  || apt-get install -y -qq --no-install-recommends python3-urllib3 > /dev/null

cat > seen.py <<'PY'
import http.server
import sys
import threading
import time

import urllib3

print("urllib3", urllib3.__version__)
changed = False


class Denied(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests += 1
        self.send_response(429)
        if self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def watch(method, retry_after, requests, from_seconds, to_seconds, **options):
    global changed
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Denied)
    server.requests, server.retry_after = 0, retry_after
    threading.Thread(target=server.serve_forever, daemon=True).start()
    start = time.monotonic()
    url = "http://127.0.0.1:%d/" % server.server_address[1]
    status = urllib3.PoolManager().request(method, url, **options).status
    took = time.monotonic() - start
    server.shutdown()
    as_seen = status == 429 and server.requests == requests and from_seconds <= took <= to_seconds
    changed = changed or not as_seen
    print(f"{method}, Retry-After {retry_after}: {server.requests} requests, then {status} after {took:.1f} s",
          "" if as_seen else "  CHANGED")


watch("GET", "1", 4, 2.9, 30)
watch("GET", "3", 4, 8.9, 40)
watch("GET", "0", 4, 0, 8)
watch("GET", None, 1, 0, 8)
watch("POST", "1", 1, 0, 8)
watch("POST", "1", 1, 0, 8, retries=urllib3.Retry(3, status_forcelist=[429]))
sys.exit(1 if changed else 0)
PY
/usr/bin/python3 seen.py
