-- The least that a token bucket in Redis takes: GCRA in microseconds on the server's clock, one key whose
-- life ends with its bucket, and nothing else. It knows one bucket and one limit for ever, and no rest of
-- a microsecond.
--
-- KEYS[1]  the bucket
-- ARGV     the cost and the capacity, in microseconds of refill
-- Reply    1 if it is permitted, else 0; and how far from full the bucket is, in microseconds

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, fill = ARGV[1] + 0, ARGV[2] + 0
local full = redis.call('GET', KEYS[1])
full = full and full + 0 or now
local level = full > now and full - now or 0
local after = level + cost
if after > fill then
  return { 0, level }
end
redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
return { 1, after }
