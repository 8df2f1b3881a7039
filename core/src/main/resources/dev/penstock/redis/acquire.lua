-- Takes tokens from one or several token buckets, all or nothing, in one call.
--
-- KEYS     the buckets of one decision, at least one, all in one hash slot
-- ARGV[1]  what to do
--            take    take the cost from every bucket, or from none if one does not hold it
--            look    say how the buckets stand, and whether they hold the cost; writes nothing
--            refund  put the cost back, at most to the capacity
-- ARGV     then eight for each bucket, durations of refill as whole microseconds and the
--          nanoseconds, 0 to 999, beyond them:
--            1, 2    the cost: how long the bucket takes to refill it
--            3, 4    the capacity: how long an empty bucket takes to fill
--            5       in microseconds, how far from full the bucket is known to be at least; 0 if
--                    nothing is known
--            6       in microseconds, what was spent elsewhere and is to be charged now; 0 if nothing
--            7       in microseconds, what was spent elsewhere and another call is charging, before or
--                    after this one: the bucket must hold it besides the cost; 0 if nothing
--            8       the mark of the limit, 4 characters: a changed limit has another
-- Reply    1 if every bucket holds the cost, else 0; then for each bucket how far it is from full
--          afterwards, as microseconds and the nanoseconds beyond them
-- Errors   FOREIGN if a key holds a value that is no bucket, WRONGTYPE if it holds no string;
--          nothing is written then
--
-- A bucket is the time at which it is full (the theoretical arrival time of GCRA, ITU-T I.371), in
-- nanoseconds since 1970, 19 digits until the year 2286, a colon, and the mark: 24 bytes. A missing
-- key is a full bucket. Lua's numbers are exact to 2^53, which is 104 days of nanoseconds but 285
-- years of microseconds: hence the pairs.
--
-- The clock is this server's, so that the clocks of its clients take no part.
--
-- A key lives until its bucket is full, in milliseconds rounded up, and so never without an end. A
-- denial writes nothing, but for what was spent elsewhere, and once after a limit was made smaller:
-- a bucket further from full than its new limit allows is then empty. Under an unchanged limit that
-- happens only if the clock went back, and is left as it is: cutting it would create tokens.

local FIELDS = 8

local operation = ARGV[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function later(us, ns, us2, ns2)
  return us > us2 or (us == us2 and ns > ns2)
end

local buckets = {}
local permitted = 1

for i, key in ipairs(KEYS) do
  local at = 1 + (i - 1) * FIELDS
  local cost_us, cost_ns = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local fill_us, fill_ns = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local least_us, owed_us = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local reserved_us, mark = tonumber(ARGV[at + 7]), ARGV[at + 8]
  local us, ns, changed = 0, 0, false

  local value = redis.call('GET', key)
  if value then
    local full_us, full_ns, old_mark = string.match(value, '^(%d+)(%d%d%d):(%w%w%w%w)$')
    if not full_us then
      return redis.error_reply('FOREIGN the value under a key is no bucket')
    end
    us, ns = full_us - now, tonumber(full_ns)
    if us < 0 then
      us, ns = 0, 0
    end
    if old_mark ~= mark and later(us, ns, fill_us, fill_ns) then
      us, ns, changed = fill_us, fill_ns, true
    end
  end
  if least_us > us then
    us, ns, changed = least_us, 0, true
  end
  if owed_us > 0 then
    us, changed = us + owed_us, true
  end

  local bucket = { key = key, mark = mark, us = us, ns = ns, changed = changed }
  if operation == 'refund' then
    bucket.after_us, bucket.after_ns = us - cost_us, ns - cost_ns
    if bucket.after_ns < 0 then
      bucket.after_us, bucket.after_ns = bucket.after_us - 1, bucket.after_ns + 1000
    end
    if bucket.after_us < 0 then
      bucket.after_us, bucket.after_ns = 0, 0
    end
  else
    bucket.after_us, bucket.after_ns = us + cost_us, ns + cost_ns
    if bucket.after_ns >= 1000 then
      bucket.after_us, bucket.after_ns = bucket.after_us + 1, bucket.after_ns - 1000
    end
    if later(bucket.after_us + reserved_us, bucket.after_ns, fill_us, fill_ns) then
      permitted = 0
    end
  end
  buckets[i] = bucket
end

local reply = { permitted }
local charge = operation == 'refund' or (operation == 'take' and permitted == 1)

for _, bucket in ipairs(buckets) do
  local us, ns = bucket.us, bucket.ns
  if charge then
    us, ns = bucket.after_us, bucket.after_ns
  end
  if operation ~= 'look' and (charge or bucket.changed) then
    local life = math.ceil((us + (ns > 0 and 1 or 0)) / 1000)
    if life > 0 then
      local value = string.format('%.0f%03d:%s', now + us, ns, bucket.mark)
      redis.call('SET', bucket.key, value, 'PX', string.format('%.0f', life))
    else
      redis.call('DEL', bucket.key)
    end
  end
  reply[#reply + 1] = us
  reply[#reply + 1] = ns
end

return reply
