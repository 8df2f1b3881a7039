-- Decides one or many requests in one call, each by one or several token buckets, all or nothing,
-- with the same results as one call for each.
--
-- KEYS     the buckets of each decision in turn, all in one hash slot; a bucket of several decisions
--          stands there for each of them
-- ARGV     one group after another, each of decisions that differ in nothing but their keys:
--   1      what to do
--            take    take the cost from every bucket, or from none if one does not hold it
--            look    say how the buckets stand, and whether they hold the cost; writes nothing
--            refund  put the cost back, at most to the capacity
--   2      how many buckets each decision of the group has, at least one
--   3      how many decisions the group has, at least one
--   then eight for each bucket, durations of refill as whole microseconds and the nanoseconds, 0 to
--          999, beyond them:
--            1, 2    the cost: how long the bucket takes to refill it
--            3, 4    the capacity: how long an empty bucket takes to fill
--            5       in microseconds, how far from full the bucket is known to be at least; 0 if
--                    nothing is known
--            6       in microseconds, what was spent elsewhere and is to be charged now; 0 if nothing
--            7       in microseconds, what was spent elsewhere and another call is charging, before or
--                    after this one: the bucket must hold it besides the cost; 0 if nothing
--            8       the mark of the limit, 4 characters: a changed limit has another
--   then for each decision how many requests ask for it, one after the other; 1 unless they take
-- Reply    for each decision how many of its requests are held by every bucket, or -1 if a key holds
--          a value that is no bucket, or no string: nothing is written for this one then; and for
--          each of its buckets how far it is from full after the last of them, as microseconds and
--          the nanoseconds beyond them
--
-- A bucket is the time at which it is full (the theoretical arrival time of GCRA, ITU-T I.371), in
-- nanoseconds since 1970, 19 digits until the year 2286, a colon, and the mark: 24 bytes. A missing
-- key is a full bucket. Lua's numbers are exact to 2^53, which is 104 days of nanoseconds but 285
-- years of microseconds: hence the pairs.
--
-- The clock is this server's, so that the clocks of its clients take no part. It is read once, and
-- each bucket is read once and written once, whatever the number of decisions.
--
-- A key lives until its bucket is full, in milliseconds rounded up, and so never without an end. A
-- denial writes nothing, but for what was spent elsewhere, and once after a limit was made smaller:
-- a bucket further from full than its new limit allows is then empty. Under an unchanged limit that
-- happens only if the clock went back, and is left as it is: cutting it would create tokens.

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local buckets, reply = {}, {}

-- Returns the bucket as the decisions before have left it, or false if it is none.
local function find(key)
  local bucket = buckets[key]
  if bucket ~= nil then
    return bucket
  end
  local value = redis.pcall('GET', key)
  if not value then
    bucket = { us = 0, ns = 0 }
  elseif type(value) == 'table' then
    if not string.find(value.err, 'WRONGTYPE', 1, true) then
      error(value.err)
    end
    bucket = false
  else
    local full_us, full_ns, mark = string.match(value, '^(%d+)(%d%d%d):(%w%w%w%w)$')
    if not full_us then
      bucket = false
    elseif full_us - now < 0 then
      bucket = { us = 0, ns = 0 }
    else
      bucket = { us = full_us - now, ns = tonumber(full_ns), mark = mark }
    end
  end
  buckets[key] = bucket
  return bucket
end

-- Decides one request, and leaves in the terms how far from full each bucket is afterwards.
local function decide(operation, terms, chosen)
  local permitted = true
  for i, term in ipairs(terms) do
    local bucket = chosen[i]
    local us, ns, fill_us, fill_ns = bucket.us, bucket.ns, term.fill_us, term.fill_ns
    local changed = term.owed_us > 0
    if bucket.mark ~= term.mark and (us > fill_us or (us == fill_us and ns > fill_ns)) then
      us, ns, changed = fill_us, fill_ns, true
    end
    if term.least_us > us then
      us, ns, changed = term.least_us, 0, true
    end
    us = us + term.owed_us
    term.us, term.ns, term.changed = us, ns, changed
    us, ns = us + term.cost_us, ns + term.cost_ns
    if ns >= 1000 then
      us, ns = us + 1, ns - 1000
    elseif ns < 0 then
      us, ns = us - 1, ns + 1000
    end
    if us < 0 then
      us, ns = 0, 0
    end
    term.after_us, term.after_ns = us, ns
    us = us + term.reserved_us
    if operation ~= 'refund' and (us > fill_us or (us == fill_us and ns > fill_ns)) then
      permitted = false
    end
  end
  if operation == 'look' then
    return permitted
  end
  for i, term in ipairs(terms) do
    if permitted then
      term.us, term.ns = term.after_us, term.after_ns
    end
    if permitted or term.changed then
      local bucket = chosen[i]
      bucket.us, bucket.ns, bucket.mark, bucket.changed = term.us, term.ns, term.mark, true
    end
  end
  return permitted
end

local key, argument = 1, 1

while argument <= #ARGV do
  local operation, decisions = ARGV[argument], tonumber(ARGV[argument + 2])
  local sign = operation == 'refund' and -1 or 1
  local terms, chosen = {}, {}
  local at = argument + 3
  for i = 1, tonumber(ARGV[argument + 1]) do
    terms[i] = {
      cost_us = sign * ARGV[at], cost_ns = sign * ARGV[at + 1],
      fill_us = tonumber(ARGV[at + 2]), fill_ns = tonumber(ARGV[at + 3]),
      least_us = tonumber(ARGV[at + 4]), owed_us = tonumber(ARGV[at + 5]),
      reserved_us = tonumber(ARGV[at + 6]), mark = ARGV[at + 7],
      us = 0, ns = 0, after_us = 0, after_ns = 0, changed = false,
    }
    at = at + 8
  end
  argument = at + decisions
  for next = at, argument - 1 do
    local requests, held = tonumber(ARGV[next]), 0
    for i = 1, #terms do
      chosen[i] = find(KEYS[key])
      held = chosen[i] and held or -1
      key = key + 1
    end
    -- Once one of several that are the same is denied, so are the others.
    while held >= 0 and held < requests and decide(operation, terms, chosen) do
      held = held + 1
    end
    reply[#reply + 1] = held
    for i = 1, #terms do
      reply[#reply + 1] = held < 0 and 0 or terms[i].us
      reply[#reply + 1] = held < 0 and 0 or terms[i].ns
    end
  end
end

for name, bucket in pairs(buckets) do
  if bucket and bucket.changed then
    local us, ns = bucket.us, bucket.ns
    local life = math.ceil((us + (ns > 0 and 1 or 0)) / 1000)
    if life > 0 then
      local value = string.format('%.0f%03d:%s', now + us, ns, bucket.mark)
      redis.call('SET', name, value, 'PX', life)
    else
      redis.call('DEL', name)
    end
  end
end

return reply
