#!/usr/bin/env bash
# Software: Redis 7.0.15 (Debian 12) at its maxmemory, shared by a cache and a limiter of 200 keys that are all in
#   use.
# Guess: what is evicted is what was long unused, so keys of a limiter, touched all the time, stay.
# Seen: where the limiter's keys live for a minute and the cache's for an hour, volatile-ttl throws out nearly all
#   of the limiter's. Where the cache's have no end of life, volatile-lru and volatile-lfu can take only the
#   limiter's, and do, all. allkeys-lru keeps nearly all of the limiter's. INFO counts evictions, but not whose.
# Means: each key that is evicted is a fresh budget: under pressure such a limit ends without an error anywhere.
#   Give limits a Redis of their own with noeviction (then writes fail, which can be seen), or at least allkeys-lru.
set -euo pipefail
work=$(mktemp -d)
redis_pid=
cleanup() {
  if [ -n "$redis_pid" ]; then
    kill "$redis_pid" 2>/dev/null || true
    wait "$redis_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
command -v redis-server > /dev/null || apt-get install -y -qq --no-install-recommends redis-server > /dev/null
redis-server --version | cut -d' ' -f1-3
port=$(node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$work" > redis.log &
redis_pid=$!
redis() { redis-cli -h 127.0.0.1 -p "$port" "$@"; }
until redis ping > /dev/null 2>&1; do sleep 0.1; done

# The cache fills in steps of 500 entries; between two steps the limiter's keys, where they still are, are used again.
cat > fill.lua <<'LUA'
for i = 1, 500 do
  local command = {'SET', 'cache:' .. ARGV[1] .. ':' .. i, string.rep('x', 400)}
  if ARGV[2] ~= '0' then
    command[4], command[5] = 'EX', ARGV[2]
  end
  redis.call(unpack(command))
end
LUA
cat > use.lua <<'LUA'
for i = 1, 200 do
  if redis.call('EXISTS', 'limit:' .. i) == 1 then
    redis.call('INCR', 'limit:' .. i)
  end
end
LUA
cat > left.lua <<'LUA'
local left = 0
for i = 1, 200 do
  left = left + redis.call('EXISTS', 'limit:' .. i)
end
return left
LUA
changed=0
watch() { # policy, seconds of life of the cache's entries or 0 for none, keys of the limiter that are left: from, to
  redis config set maxmemory 0 > /dev/null
  redis flushall > /dev/null
  redis config resetstat > /dev/null
  redis eval "for i = 1, 200 do redis.call('SET', 'limit:' .. i, 1, 'EX', 60) end" 0 > /dev/null
  redis config set maxmemory-policy "$1" > /dev/null
  redis config set maxmemory-samples 10 > /dev/null
  redis config set maxmemory 4mb > /dev/null
  local step left evicted
  for step in $(seq 1 14); do
    redis eval "$(cat fill.lua)" 0 "$step" "$2" > fill.log 2>&1 || true
    redis eval "$(cat use.lua)" 0 > /dev/null 2>&1 || true
  done
  left=$(redis eval "$(cat left.lua)" 0)
  evicted=$(redis info stats | tr -d '\r' | sed -n 's/^evicted_keys://p')
  printf '%s, cache entries live for %s s: %s of 200 limiter keys left, %s keys evicted' "$1" "$2" "$left" "$evicted"
  if [ "$left" -lt "$3" ] || [ "$left" -gt "$4" ]; then
    printf '   CHANGED'
    changed=1
  fi
  printf '\n'
}
watch volatile-ttl 3600 0 60
watch volatile-lru 0 0 0
watch volatile-lfu 0 0 0
watch allkeys-lru 3600 150 200
watch allkeys-lru 0 150 200
exit "$changed"
