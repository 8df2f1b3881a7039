-- Decides one or many requests in one call, each by one or several buckets, all or nothing,
-- with the same results as one call for each.
--
-- KEYS     the buckets of each decision in turn, all in one hash slot; a bucket of several decisions
--          stands there for each of them. Behind the buckets of what is done once its receipt
-- ARGV     one group after another, each of decisions that differ in nothing but their keys and in
--          what is known of these:
--   1      what to do
--            take    take the cost from every bucket, or from none if one does not hold it
--            look    say how the buckets stand, and whether they hold the cost; writes nothing
--            try     as take; then, as far as that is permitted, take from the last buckets, or from none
--                    of these if one does not hold it: what limits would do that are only tried
--            try-look  say the same, and write nothing
--            refund  put the cost back, at most to the capacity, unless the receipt is there: the
--                    same has been carried out before
--            settle  charge the cost, whatever the buckets hold, at most to their overdrafts, unless
--                    the receipt is there
--            reset   fill every bucket, whatever its key holds, unless the receipt is there
--            return  put the cost back, at most to the capacity; has no receipt
--            renew   let holders have their slots for another life, those that are lost as well
--            release  give the slots of holders back
--   2      how many buckets each decision of the group has, at least one
--   3      how many decisions the group has, at least one
--          To try, then how many buckets of each, the last ones, are only tried
--   then ten for each bucket, durations of refill as whole microseconds and the nanoseconds, 0 to
--          999, beyond them:
--            1, 2    the cost: how long the bucket takes to refill it
--            3, 4    the capacity: how long an empty bucket takes to fill
--            5       in microseconds, what was spent elsewhere and is to be charged now; 0 if nothing
--            6, 7    what the bucket must hold besides the cost: one token where the cost is nothing,
--                    and what was spent elsewhere and another call is charging, before or after this one
--            8, 9    the overdraft: what it may owe beyond empty
--            10      the mark of the limit, its capacity as above in base 36: the microseconds, and the
--                    nanoseconds in two digits
--          Of a bucket of slots it is 'slots', and before it stand in the place of
--            1       how many slots each holder is to have
--            3       how many there are
--            8       for how many milliseconds a holder has them
--   then for each decision how many requests ask for it, one after the other, 1 unless they take;
--          and for each of its buckets, in microseconds, how far from full the asker knows it to be,
--          which counts if the key is missing; where negative, so far at least unless it is full,
--          as this server may have gone back to older data; 0 if nothing is known. Of a bucket of slots
--          it is the names of the holders, with commas between them; one if the decision takes
-- Reply    for each decision how many of its requests are held by every bucket, or -1 if a key holds
--          a value that is no bucket, or no string: nothing is written for this one then; to try, then
--          likewise of the buckets that are only tried, up to as many; and for
--          each of its buckets how far it is from full after the last of them, as microseconds and
--          the nanoseconds beyond them. To settle, then for each likewise what it was charged. Of a
--          bucket of slots it is how many are held, as thousands and the rest
--
-- A bucket is the time at which it is full (the theoretical arrival time of GCRA, ITU-T I.371), in
-- nanoseconds since 1970, 19 digits until the year 2286, a colon, and the mark of the limit under which
-- it was written: at most 32 bytes. A missing key is a full bucket, unless the asker knows better: then
-- the server has lost it. Lua's numbers are exact to 2^53, which is 104 days of nanoseconds but 285
-- years of microseconds: hence the pairs.
--
-- Under another limit than that of its mark a bucket is as full as before, as a fraction of what it can
-- hold, rounded up; it is written so when it is next written.
--
-- The clock is this server's, so that the clocks of its clients take no part. It is read once, and
-- each bucket of tokens is read once and written once, whatever the number of decisions. Decisions of one
-- bucket each and one group, a lone one among them, need no table of the buckets: their keys differ.
--
-- A key lives until its bucket is full, in milliseconds rounded up, and so never without an end. But
-- who has asked before tokens were put back knows the bucket as emptier, and would take its missing
-- key for a lost one: so a bucket into which tokens were put back, a full one too, lives for a whole
-- refill and its overdraft after it was last written, by when nobody knows it as emptier. It has a
-- semicolon for a colon.
--
-- A bucket of slots is a sorted set: a member for each slot, by the millisecond at which its holder has
-- it no more. A holder of several has as many members. Its key lives for as long as any holder may have
-- it, whoever came last, and ends with its last member. What a take that was sent twice finds to be its
-- own is not in its way.
--
-- A denial writes nothing, but for what was spent elsewhere, for what the server had lost, and once
-- after the clock went back: a bucket further from full than two refills and its overdraft is then
-- empty. One refill is what it may be beyond that, by what instances have spent without this server.

local RECEIPT_MS = 10000

-- Twice as many microseconds are exact as nanoseconds, too.
local EXACT_US = 2 ^ 51 / 1000

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

-- Returns how far from full the bucket is; if it is there, the mark under which it was written, and
-- whether tokens were put back into it. Returns nothing if it is none.
local function read(key)
  local value = redis.pcall('GET', key)
  if not value then
    return 0, 0
  end
  if type(value) == 'table' then
    if string.find(value.err, 'WRONGTYPE', 1, true) then
      return nil
    end
    error(value.err)
  end
  local full_us, full_ns, separator, mark = string.match(value, '^(%d+)(%d%d%d)([:;])(%w%w%w+)$')
  if not full_us then
    return nil
  end
  local us = full_us - now
  if us < 0 then
    return 0, 0, mark, separator == ';'
  end
  return us, full_ns + 0, mark, separator == ';'
end

-- Returns a * b / c, rounded up, for whole numbers below 2^53 of which a is below c: bit by bit, as the
-- product would not be exact.
local function scaled(a, b, c)
  local quotient, rest, bit = 0, 0, 2 ^ 52
  while bit >= 1 do
    quotient = quotient * 2
    if rest >= c - rest then
      rest, quotient = rest - (c - rest), quotient + 1
    else
      rest = rest + rest
    end
    if b >= bit then
      b = b - bit
      if rest >= c - a then
        rest, quotient = rest - (c - a), quotient + 1
      else
        rest = rest + a
      end
    end
    bit = bit / 2
  end
  return rest > 0 and quotient + 1 or quotient
end

-- Returns how far from full a bucket is that was written under another mark: the same fraction. In
-- nanoseconds where these are exact, or else in microseconds, rounded up. It may be beyond empty, by
-- what it owes and what was spent elsewhere; what is beyond two refills and the overdraft counts as so
-- much.
local function carried_over(us, ns, written_mark, fill_us, fill_ns, overdraft_us, overdraft_ns)
  if us == 0 and ns == 0 then
    return 0, 0
  end
  local old_us = tonumber(string.sub(written_mark, 1, -3), 36)
  local old_ns = tonumber(string.sub(written_mark, -2), 36)
  local level, old, fill, farthest, unit
  if us < EXACT_US and old_us < EXACT_US and 2 * fill_us + overdraft_us < EXACT_US then
    level, old, fill, unit = us * 1000 + ns, old_us * 1000 + old_ns, fill_us * 1000 + fill_ns, 1000
    farthest = 2 * fill + overdraft_us * 1000 + overdraft_ns
  else
    level, old, fill, unit = us + (ns > 0 and 1 or 0), old_us, fill_us + (fill_ns > 0 and 1 or 0), 1
    farthest = 2 * fill + overdraft_us + (overdraft_ns > 0 and 1 or 0)
  end
  local whole = farthest
  if old > 0 then
    local rest = math.fmod(level, old)
    local refills = (level - rest) / old * fill
    whole = refills < farthest and math.min(refills + scaled(rest, fill, old), farthest) or farthest
  end
  us = math.floor(whole / unit)
  return us, (whole - us * unit) * (unit == 1 and 0 or 1)
end

local function write(key, us, ns, mark, refilled, most_us)
  local life_us, separator = us + (ns > 0 and 1 or 0), ':'
  if refilled and life_us <= most_us then
    life_us, separator = most_us + 1, ';'
  end
  local life = math.ceil(life_us / 1000)
  redis.call('SET', key, string.format('%.0f%03d%s%s', now + us, ns, separator, mark), 'PX', life)
end

-- Returns whether what the asker knows of a bucket counts.
local function counts(known_us, us, ns, mark)
  return known_us ~= 0 and (not mark or (us < -known_us and (us > 0 or ns > 0)))
end

-- Returns whether a bucket holds the cost, how far from full it is after it and before it, and
-- whether the latter differs from what is written. Numbers, not tables, which a lone call
-- has no time to make: 6.5 us of the server's against 8.1 (EVALSHA in INFO commandstats).
local function charge(us, ns, cost_us, cost_ns, fill_us, fill_ns, owed_us, needed_us, needed_ns,
    overdraft_us)
  local differs = owed_us > 0
  if us > 2 * fill_us + overdraft_us + 2 then
    us, ns, differs = fill_us, fill_ns, true
  end
  if owed_us > 0 then
    us = math.max(us, math.min(us + owed_us, 2 * fill_us + overdraft_us))
  end
  local after_us, after_ns = us + cost_us, ns + cost_ns
  if after_ns >= 1000 then
    after_us, after_ns = after_us + 1, after_ns - 1000
  elseif after_ns < 0 then
    after_us, after_ns = after_us - 1, after_ns + 1000
  end
  if after_us < 0 then
    after_us, after_ns = 0, 0
  end
  local all_us, all_ns = after_us + needed_us, after_ns + needed_ns
  if all_ns >= 1000 then
    all_us, all_ns = all_us + 1, all_ns - 1000
  end
  local holds = all_us < fill_us or (all_us == fill_us and all_ns <= fill_ns)
  return holds, after_us, after_ns, us, ns, differs
end

-- What is beyond the longest life, in milliseconds, is of before the clock went back.
local LONGEST_LIFE_MS = 600000
local now_ms = math.floor(now / 1000)
local farthest_ms = string.format('%.0f', now_ms + LONGEST_LIFE_MS)

-- Returns how many slots are held; nothing if the key is no bucket of slots.
local function count(key)
  local held = redis.pcall('ZCOUNT', key, string.format('(%.0f', now_ms), farthest_ms)
  if type(held) == 'table' then
    if string.find(held.err, 'WRONGTYPE', 1, true) then
      return nil
    end
    error(held.err)
  end
  return held
end

-- Returns the members of a holder's slots, each behind its score if there is one.
local function members(holder, slots, score)
  local all = {}
  for i = 1, slots do
    if score then
      all[#all + 1] = score
    end
    all[#all + 1] = i == 1 and holder or holder .. '.' .. i
  end
  return all
end

-- Lets holders have their slots for a life from now on.
local function hold(bucket, term)
  if redis.call('ZCARD', term.key) > bucket.held then
    redis.call('ZREMRANGEBYSCORE', term.key, '-inf', string.format('%.0f', now_ms))
    redis.call('ZREMRANGEBYSCORE', term.key, '(' .. farthest_ms, '+inf')
  end
  local score = string.format('%.0f', now_ms + term.life)
  for holder in string.gmatch(term.holders, '[^,]+') do
    local added = redis.call('ZADD', term.key, unpack(members(holder, term.cost_us, score)))
    bucket.held = bucket.held + added
  end
  redis.call('PEXPIRE', term.key, LONGEST_LIFE_MS)
end

local function release(key, holders, slots)
  for holder in string.gmatch(holders, '[^,]+') do
    redis.call('ZREM', key, unpack(members(holder, slots)))
  end
end

local reply, replied = {}, 0
local takes = ARGV[1] == 'take'

-- One group of one bucket for each decision: all that a call asks for, mostly.
if ARGV[2] == '1' and ARGV[3] + 0 == #KEYS and (takes or ARGV[1] == 'look') and ARGV[13] ~= 'slots' then
  local cost_us, cost_ns, fill_us, fill_ns = ARGV[4] + 0, ARGV[5] + 0, ARGV[6] + 0, ARGV[7] + 0
  local owed_us, needed_us, needed_ns, mark = ARGV[8] + 0, ARGV[9] + 0, ARGV[10] + 0, ARGV[13]
  local overdraft_us, overdraft_ns = ARGV[11] + 0, ARGV[12] + 0
  local pays = takes and (cost_us > 0 or cost_ns > 0)
  for i = 1, #KEYS do
    local requests, known_us, held = ARGV[12 + 2 * i] + 0, ARGV[13 + 2 * i] + 0, 0
    local us, ns, written_mark, refilled = read(KEYS[i])
    if us then
      local changed, permitted, after_us, after_ns, differs = false
      if written_mark and written_mark ~= mark then
        us, ns = carried_over(us, ns, written_mark, fill_us, fill_ns, overdraft_us, overdraft_ns)
      end
      if counts(known_us, us, ns, written_mark) then
        us, ns, changed = math.abs(known_us), 0, true
      end
      repeat
        permitted, after_us, after_ns, us, ns, differs = charge(us, ns,
          cost_us, cost_ns, fill_us, fill_ns, owed_us, needed_us, needed_ns, overdraft_us)
        changed = changed or differs
        if permitted then
          held = held + 1
          if pays then
            us, ns, changed = after_us, after_ns, true
          end
        end
      until not permitted or held == requests
      if changed and takes then
        write(KEYS[i], us, ns, mark, refilled, fill_us + overdraft_us)
      end
    else
      held, us, ns = -1, 0, 0
    end
    reply[replied + 1], reply[replied + 2], reply[replied + 3] = held, us, ns
    replied = replied + 3
  end
  return reply
end

local buckets = {}

-- Returns the bucket as the decisions before have left it, or false if it is none.
local function find(key, slots)
  local bucket = buckets[key]
  if bucket == nil and slots then
    local held = count(key)
    bucket = held and { held = held } or false
    buckets[key] = bucket
  elseif bucket == nil then
    local us, ns, mark, refilled = read(key)
    bucket = us and { us = us, ns = ns, mark = mark, refilled = refilled } or false
    buckets[key] = bucket
  end
  return bucket
end

-- Returns how far from full a bucket is under the limit of a term.
local function level(bucket, term)
  if term.slots then
    return math.floor(bucket.held / 1000), bucket.held % 1000
  end
  if bucket.mark and bucket.mark ~= term.mark then
    return carried_over(bucket.us, bucket.ns, bucket.mark,
      term.fill_us, term.fill_ns, term.overdraft_us, term.overdraft_ns)
  end
  return bucket.us, bucket.ns
end

local function learn(bucket, term, known)
  if term.slots then
    return
  end
  local known_us = known + 0
  local us, ns = level(bucket, term)
  if counts(known_us, us, ns, bucket.mark) then
    bucket.us, bucket.ns, bucket.mark, bucket.learned = math.abs(known_us), 0, term.mark, true
  end
end

local function leave(bucket, term, us, ns, refilled)
  bucket.us, bucket.ns, bucket.mark = us, ns, term.mark
  bucket.most_us = term.fill_us + term.overdraft_us
  -- Whoever knows it at all knows it as no emptier than this.
  local outlives = us + (ns > 0 and 1 or 0) > bucket.most_us
  bucket.refilled = (bucket.refilled or refilled) and not outlives
  bucket.changed, bucket.learned = true, false
end

-- Charges every bucket, and leaves in the terms how much.
local function settle(terms, chosen)
  for i, term in ipairs(terms) do
    local stood_us, stood_ns = level(chosen[i], term)
    local _, after_us, after_ns, us, ns = charge(stood_us, stood_ns,
      term.cost_us, term.cost_ns, term.fill_us, term.fill_ns, 0, 0, 0, term.overdraft_us)
    local most_us, most_ns = term.fill_us + term.overdraft_us, term.fill_ns + term.overdraft_ns
    if most_ns >= 1000 then
      most_us, most_ns = most_us + 1, most_ns - 1000
    end
    if after_us > most_us or (after_us == most_us and after_ns > most_ns) then
      after_us, after_ns = most_us, most_ns
      if us > most_us or (us == most_us and ns > most_ns) then
        after_us, after_ns = us, ns
      end
    end
    term.us, term.ns = after_us, after_ns
    term.charged_us, term.charged_ns = after_us - us, after_ns - ns
    if term.charged_ns < 0 then
      term.charged_us, term.charged_ns = term.charged_us - 1, term.charged_ns + 1000
    end
    leave(chosen[i], term, after_us, after_ns, false)
  end
end

-- Returns whether the holder of a term has slots from an earlier try of the same decision.
local function has_slots(term)
  local score = term.cost_us > 0 and redis.call('ZSCORE', term.key, term.holders)
  return score and score + 0 > now_ms
end

-- Returns whether so many slots are free, besides those that the holder has already.
local function has_free(bucket, term)
  local free = term.fill_us - math.max(1, term.cost_us)
  return bucket.held <= free or (bucket.held - term.cost_us <= free and has_slots(term))
end

local function take_slots(bucket, term)
  if term.cost_us > 0 then
    hold(bucket, term)
  end
  term.us, term.ns = level(bucket, term)
end

-- Gives back what an earlier try of the same decision, which is denied now, has taken.
local function leave_slots(bucket, term)
  if has_slots(term) then
    release(term.key, term.holders, term.cost_us)
    bucket.held = count(term.key)
    term.us, term.ns = level(bucket, term)
  end
end

-- Lets holders keep their slots, or gives these back.
local function keep_slots(operation, terms, chosen)
  for i, term in ipairs(terms) do
    if operation == 'renew' then
      hold(chosen[i], term)
    else
      release(term.key, term.holders, term.cost_us)
      chosen[i].held = count(term.key)
    end
    term.us, term.ns = level(chosen[i], term)
  end
end

-- Decides one request, and leaves in the terms how far from full each bucket is afterwards.
local function decide(operation, terms, chosen)
  local permitted, returns = true, operation == 'refund' or operation == 'return'
  for i, term in ipairs(terms) do
    local holds
    local us, ns = level(chosen[i], term)
    if term.slots then
      holds = has_free(chosen[i], term)
    else
      holds, term.after_us, term.after_ns, term.us, term.ns, term.differs = charge(us, ns,
        term.cost_us, term.cost_ns, term.fill_us, term.fill_ns, term.owed_us,
        term.needed_us, term.needed_ns, term.overdraft_us)
    end
    permitted = permitted and (holds or returns)
  end
  if operation == 'look' then
    return permitted
  end
  for i, term in ipairs(terms) do
    local bucket = chosen[i]
    if term.slots then
      if permitted then
        take_slots(bucket, term)
      else
        leave_slots(bucket, term)
      end
    else
      if permitted then
        term.us, term.ns = term.after_us, term.after_ns
      end
      -- What was missing, and was full for all that is known, has nothing to be put back.
      local pays = permitted and (term.cost_us ~= 0 or term.cost_ns ~= 0)
      if (pays and (bucket.mark or not returns)) or term.differs or bucket.learned then
        leave(bucket, term, term.us, term.ns, returns)
      end
    end
  end
  return permitted
end

-- Fills the buckets of a decision, also those that are none.
local function reset(terms, names)
  for i, term in ipairs(terms) do
    local bucket = {}
    buckets[names[i]] = bucket
    term.us, term.ns = 0, 0
    leave(bucket, term, 0, 0, true)
  end
end

local key, argument = 1, 1

while argument <= #ARGV do
  local operation, decisions = ARGV[argument], ARGV[argument + 2] + 0
  local returns = operation == 'refund' or operation == 'return'
  local resets, settles = operation == 'reset', operation == 'settle'
  local keeps = operation == 'renew' or operation == 'release'
  local sign = returns and -1 or 1
  local terms, chosen, names = {}, {}, {}
  local shadow_terms, shadow_chosen = {}, {}
  local size, at = ARGV[argument + 1] + 0, argument + 3
  local enforced = size
  if operation == 'try' or operation == 'try-look' then
    operation, enforced, at = operation == 'try' and 'take' or 'look', size - ARGV[at], at + 1
  end
  for i = 1, size do
    local term = {
      cost_us = sign * ARGV[at], cost_ns = sign * ARGV[at + 1],
      fill_us = ARGV[at + 2] + 0, fill_ns = ARGV[at + 3] + 0,
      owed_us = ARGV[at + 4] + 0, needed_us = ARGV[at + 5] + 0, needed_ns = ARGV[at + 6] + 0,
      overdraft_us = ARGV[at + 7] + 0, overdraft_ns = ARGV[at + 8] + 0, mark = ARGV[at + 9],
      slots = ARGV[at + 9] == 'slots', life = ARGV[at + 7] + 0,
      us = 0, ns = 0, after_us = 0, after_ns = 0, differs = false,
    }
    if i <= enforced then
      terms[i] = term
    else
      shadow_terms[i - enforced] = term
    end
    at = at + 10
  end
  argument = at + decisions * (1 + size)
  for next = at, argument - 1, 1 + size do
    local requests, held, tried = ARGV[next] + 0, 0, 0
    for i = 1, size do
      local term = terms[i] or shadow_terms[i - enforced]
      local bucket = find(KEYS[key], term.slots)
      names[i] = KEYS[key]
      term.key, term.holders = KEYS[key], ARGV[next + i]
      key = key + 1
      if bucket then
        learn(bucket, term, ARGV[next + i])
        term.us, term.ns = level(bucket, term)
      elseif i > enforced then
        tried = -1
      elseif not resets then
        held = -1
      end
      if i > enforced then
        shadow_chosen[i - enforced] = bucket
      else
        chosen[i] = bucket
      end
    end
    local carried_out = false
    if operation == 'refund' or resets or settles then
      carried_out = held == 0 and not redis.call('SET', KEYS[key], '', 'NX', 'PX', RECEIPT_MS)
      key = key + 1
    end
    if carried_out then
      held = requests
    elseif settles and held == 0 then
      held = requests
      settle(terms, chosen)
    elseif resets then
      held = requests
      reset(terms, names)
    elseif keeps and held == 0 then
      held = requests
      keep_slots(operation, terms, chosen)
    end
    -- Once one of several that are the same is denied, so are the others.
    while held >= 0 and held < requests and decide(operation, terms, chosen) do
      if enforced < size and tried == held and decide(operation, shadow_terms, shadow_chosen) then
        tried = tried + 1
      end
      held = held + 1
    end
    reply[replied + 1] = held
    replied = replied + 1
    if enforced < size then
      reply[replied + 1] = tried
      replied = replied + 1
    end
    for i = 1, size do
      local term = terms[i] or shadow_terms[i - enforced]
      local unknown = held < 0 or (i > enforced and tried < 0)
      reply[replied + 1] = unknown and 0 or term.us
      reply[replied + 2] = unknown and 0 or term.ns
      replied = replied + 2
    end
    for i = 1, settles and #terms or 0 do
      local charged = held > 0 and not carried_out
      reply[replied + 1] = charged and terms[i].charged_us or 0
      reply[replied + 2] = charged and terms[i].charged_ns or 0
      replied = replied + 2
    end
  end
end

for name, bucket in pairs(buckets) do
  if bucket and bucket.changed then
    write(name, bucket.us, bucket.ns, bucket.mark, bucket.refilled, bucket.most_us)
  end
end

return reply
