-- Decides one or many requests in one call, each by one or several buckets, all or nothing,
-- with the same results as one call for each.
--
-- KEYS     the buckets of each decision in turn, all in one hash slot; a bucket of several decisions
--          stands there for each of them. Behind the buckets of what is done once its receipt
-- ARGV     one group after another, each of decisions that differ in nothing but their keys and in
--          what is known of these. First the group, in numbers of bytes, the highest first; of 8 bytes
--          they are doubles:
--   1      what to do
--            t take    take the cost from every bucket, or from none if one does not hold it
--            w wait    take likewise, for those who wait until every bucket holds the cost
--            l look    say how the buckets stand, and whether they hold the cost; writes nothing
--            f refund  put the cost back, at most to the capacity, unless the receipt is there: the
--                      same has been carried out before
--            s settle  charge the cost, whatever the buckets hold, at most to their overdrafts, unless
--                      the receipt is there
--            r reset   fill every bucket, whatever its key holds, unless the receipt is there
--            b return  put the cost back, at most to the capacity; has no receipt
--            n renew   let holders have their slots for another life, those that are lost as well
--            g release  give the slots of holders back
--   2      how many buckets each decision of the group has, at least one
--   2      how many of these, the last ones, are only tried, of a take or a look: as far as the others
--          hold the cost it is taken from these as well, or from none of these if one does not hold it
--   2      how many decisions the group has, at least one
--   2      how many requests ask for each of them, one after the other, 1 unless they take and do not wait
--   1      1 if what is known is told, behind the group
--   then for each bucket 49 bytes, durations of refill as whole microseconds and the nanoseconds, 0 to
--          999, beyond them:
--            1       its kind: 1 tokens, 2 slots, 3 a window
--            8, 2    the cost: how long the bucket takes to refill it
--            8, 2    the capacity: how long an empty bucket takes to fill
--            8       in microseconds, what was spent elsewhere and is to be charged now; 0 if nothing. Of a
--                    refund of one who has to wait, negative, when it was to pass, since 1970
--            8, 2    what the bucket must hold besides the cost: one token where the cost is nothing,
--                    and what was spent elsewhere and another call is charging, before or after this one;
--                    less the time for which those who take are willing to wait. Of a refund of one
--                    who has to wait it is when the bucket was to be full after the cost was taken,
--                    since 1970, and the shift then; else 0
--            8, 2    the overdraft: what it may owe beyond empty
--          Of a bucket of slots it is, in the place of the first number of
--            the cost       how many slots each holder is to have
--            the capacity   how many there are
--            the overdraft  for how many milliseconds a holder has them
--          Of a window all of them are tokens, in the place of the first numbers
--   Behind the group, if it is told, for each decision and each of its buckets, as text, in
--          microseconds, how far from full the asker knows it to be, which counts if the key is missing;
--          where negative, so far at least unless it is full, as this server may have gone back to older
--          data; 0 if nothing is known. Of a bucket of slots it is the names of the holders, with commas
--          between them; one if the decision takes. Of a window it is numbers with commas between them:
--            a mark that other windows do not have; of one that slides its length in seconds
--            of what the asker knows: the end of the window, what is taken of it and was of the last one,
--            and 1 if so much at least unless nothing is; zeros if nothing is known
--            the end of the window into which something is put back, or 0
--            the longest that such a window may last, in microseconds
--            of one of the calendar four times at which a window begins, one after the other: by the
--            second, the third and the last of them this server's time must come
-- Reply    for each decision how many of its requests are held by every bucket, or -1 if a key holds
--          a value that is no bucket, or no string: nothing is written for this one then, nor if the
--          windows that were told are not of this server's time, which is said then, as a negative number;
--          if some are only tried, then likewise of these, up to as many; and for each of its buckets how
--          far it is from full after the last of them, as microseconds and the nanoseconds beyond them. To
--          settle, then for each likewise what it was charged; to wait, then for each likewise its shift,
--          see below, and how much sooner it is waited for than by the last place, and this server's time. Of a
--          bucket of slots it is how many are held, as thousands and the rest. Of a window it is a list, and
--          0: this server's time, when the window ends, what is taken of it, what was taken of the last one;
--          if that window is still to begin, as the clock went back, when it does, else 0; if that is what
--          another kind of limit had taken, until when it counts, else 0; and if that was a bucket of
--          tokens, how long it takes to fill, else 0
--
-- A bucket of tokens is 21 bytes: 1, or 2 if tokens were put back into it; then in 8 and 2 bytes, as
-- above, the time at which it is full (the theoretical arrival time of GCRA, ITU-T I.371), since 1970;
-- and likewise the capacity of the limit under which it was written. A missing key is a full bucket,
-- unless the asker knows better: then the server has lost it. Lua's numbers are exact to 2^53, which is
-- 104 days of nanoseconds but 285 years of microseconds: hence the pairs.
--
-- Under another limit than that which it was written under a bucket is as full as before, as a fraction
-- of what it can hold, rounded up; it is written so when it is next written.
--
-- A window is 33 bytes: 3, or 4 if it slides; in 8 bytes each its end, what is taken of it and what was
-- taken of the last one; and in 4 each its capacity and its mark. It lives until it counts no more. What
-- another kind of limit has left under its key counts as the same fraction until it would have been over.
--
-- Who waits has taken already: the bucket is beyond empty, and whoever comes later is denied, or waits
-- behind. Each passes at a time that it was told. What goes back meanwhile could overflow before it passes,
-- and more would pass in all than a bucket holds. So before the last one passes the bucket is never full
-- sooner than the latest, over all who wait, of when one passes and the refill of what it and all behind it
-- have taken: the floor. What would go back below it is lost, unless the last one leaves, whom nobody is
-- behind: the bucket is full then when it was to be as that one took, and is as before it came.
--
-- Those who have passed count no more, but who they were is not written. So there are two floors: one over
-- all, and a newer one over those only who came since it was begun. Once all others have passed, the newer is
-- the one over all, and another is begun. Once everybody has, the line is over.
--
-- Where what somebody leaves does not go back, its place is kept until its time, at most four of them, as if
-- it still waited. Whoever comes and needs no more takes it over where that is sooner than the last place;
-- what it does not need is a place in front of it. Such a place at the end of the line goes with the last one.
--
-- So the last one must be known. What goes back in front of it makes the bucket full sooner than it was to
-- be; the sum of this, since the line began, is the shift: with it, the bucket is full when the last one was
-- told. It is the same for the one before once the last one has left, but that there may be more who wait.
--
-- Such a bucket is 75 bytes and 28 for each place: 5, or 6 if nobody knows who is the last one, as it had
-- another limit or was lost, until all those have passed; when it is full, and the capacity, as above;
-- likewise the floor, since 1970, 0 if nobody waits; in 8 bytes until when it may be known as emptier, 0 if
-- nothing was put back; the shift and the newer floor, as above; and in 8 bytes each by when those have passed
-- who came before the newer floor, and all. For each place likewise when the bucket was to be full with the
-- shift, as its holder was told; what was taken; and in 8 bytes its time.
--
-- The clock is this server's, so that the clocks of its clients take no part. It is read once, and the
-- keys of a call by one command. While a decision is made all others wait: so it makes no table and few
-- functions, and numbers are not told in text, as Lua would have to parse them.
--
-- A key lives until its bucket is full, in milliseconds rounded up, and so never without an end. But
-- who has asked before tokens were put back knows the bucket as emptier, and would take its missing
-- key for a lost one: so a bucket into which tokens were put back, a full one too, lives for a whole
-- refill and its overdraft after it was last written, by when nobody knows it as emptier.
--
-- A bucket of slots is a sorted set: a member for each slot, by the millisecond at which its holder has
-- it no more. A holder of several has as many members. Its key lives for as long as any holder may have
-- it, whoever came last, and ends with its last member. What a take that was sent twice finds to be its
-- own is not in its way.
--
-- A denial writes nothing, but for what was spent elsewhere, for what the server had lost, and once
-- after the clock went back: a bucket further from full than two refills and its overdraft is then
-- empty. One refill is what it may be beyond that; while anybody waits, or has, it is as long as anybody may
-- wait: an hour, or a refill if that is longer. What is beyond empty, and what it may owe, by what instances
-- have spent without this server counts as taken by those who wait there.

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

-- With room for the reply to a decision of three buckets: a table that grows is made anew.
local reply = { nil, nil, nil, nil, nil, nil, nil, nil }

-- What the keys held in the beginning, if there are several, and what was written since.
local values, written

-- Of those who wait, what is said of the decision's buckets besides.
local shifts

local decide

-- Returns functions for what few decisions need, which are only made for them, and once.
local rare
function rare()
  local RECEIPT_MS = 10000

  -- Twice as many microseconds are exact as nanoseconds, too.
  local EXACT_US = 2 ^ 51 / 1000

  -- What is beyond the longest life, in milliseconds, is of before the clock went back.
  local LONGEST_LIFE_MS = 600000
  local now_ms = math.floor(now / 1000)
  local farthest_ms = string.format('%.0f', now_ms + LONGEST_LIFE_MS)

  -- Returns a * b / c, rounded up, for whole numbers below 2^53 of which a is below c: bit by bit where
  -- the product would not be exact.
  local function scaled(a, b, c)
    local product = a * b
    if product < 2 ^ 53 then
      local rest = math.fmod(product, c)
      return (product - rest) / c + (rest > 0 and 1 or 0)
    end
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

  -- Returns how far from full a bucket is that was written under another capacity: the same fraction.
  -- In nanoseconds where these are exact, or else in microseconds, rounded up. It may be beyond empty,
  -- by what it owes and what was spent elsewhere; what is beyond two refills and the overdraft counts
  -- as so much.
  local function carried_over(us, ns, old_us, old_ns, fill_us, fill_ns, overdraft_us, overdraft_ns)
    if us == 0 and ns == 0 then
      return 0, 0
    end
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

  -- As long as anybody may wait, or a refill if that is longer.
  local LONGEST_WAIT_US = 3600 * 1000000

  -- Returns the sum, or the difference, of two times, each as microseconds and nanoseconds beyond.
  local function sum(us, ns, more_us, more_ns)
    local carry = math.floor((ns + more_ns) / 1000)
    return us + more_us + carry, ns + more_ns - carry * 1000
  end
  local function difference(us, ns, less_us, less_ns)
    return sum(us, ns, -less_us, -less_ns)
  end
  local function is_before(us, ns, other_us, other_ns)
    return us < other_us or (us == other_us and ns < other_ns)
  end

  -- Returns the farthest that a bucket for which somebody waits may be from full, less what it may owe.
  local function farthest_of_line(fill_us)
    return fill_us + math.max(fill_us, LONGEST_WAIT_US)
  end

  local LINE_BYTES = 75
  local PLACE_BYTES = 28
  local MOST_PLACES = 4

  -- Reads a bucket for which somebody waits, or has. Returns its form, as of one for which nobody does; how
  -- far from full it is, and the line: the floors, by when they have passed, the shift, whether nobody knows
  -- who is the last one, until when it may be known as emptier, and the places that were left. Under another
  -- capacity the floor is where the bucket is.
  local function read_line(value, fill_us, fill_ns, overdraft_us, overdraft_ns)
    local form, full_us, ns, old_us, old_ns, floor_us, floor_ns, until_us, shift_us, shift_ns, newer_us, newer_ns,
      older_us, last_us = struct.unpack('>BdI2dI2dI2ddI2dI2dd', value)
    local us = full_us - now
    if (form ~= 5 and form ~= 6) or (#value - LINE_BYTES) % PLACE_BYTES > 0 then
      return 0, 0, 0
    elseif us < 0 then
      us, ns = 0, 0
    elseif old_us ~= fill_us or old_ns ~= fill_ns then
      local owes_us = overdraft_us + farthest_of_line(fill_us) - 2 * fill_us
      us, ns = carried_over(us, ns, old_us, old_ns, fill_us, fill_ns, owes_us, overdraft_ns)
      form, floor_us, floor_ns, newer_us, newer_ns, older_us = 6, math.max(floor_us, now + us + 1), 0, 0, 0, last_us
    end
    if now >= last_us then
      form, floor_us, floor_ns, shift_us, shift_ns, newer_us, newer_ns = 5, 0, 0, 0, 0, 0, 0
    elseif now >= older_us then
      -- Who is left has come since the last one was lost.
      form, floor_us, floor_ns, newer_us, newer_ns, older_us = 5, newer_us, newer_ns, 0, 0, last_us
    end
    local line = { floor_us = floor_us, floor_ns = floor_ns, until_us = until_us, has_lost_last = form == 6 }
    line.shift_us, line.shift_ns, line.newer_us, line.newer_ns = shift_us, shift_ns, newer_us, newer_ns
    line.older_us, line.last_us, line.places = older_us, last_us, {}
    for i = LINE_BYTES + 1, (floor_us > 0 and form == 5) and #value or 0, PLACE_BYTES do
      local place = {}
      place.told_us, place.told_ns, place.cost_us, place.cost_ns, place.due_us = struct.unpack('>dI2dI2d', value, i)
      if place.due_us > now then
        table.insert(line.places, place)
      end
    end
    line.farthest_us = overdraft_us + (floor_us > 0 and farthest_of_line(fill_us) or 2 * fill_us)
    return 1, us, ns, (floor_us > 0 or until_us > now) and line or nil
  end

  -- Returns a line in which nobody waits.
  local function nobody(until_us)
    return { floor_us = 0, floor_ns = 0, until_us = until_us, shift_us = 0, shift_ns = 0, newer_us = 0, newer_ns = 0,
      older_us = 0, last_us = 0, places = {} }
  end

  -- Returns the line of a bucket which the asker knows to be so far from full: nothing goes back into it.
  -- Beyond empty, and what it may owe, it is by those who wait.
  local function known_line(line, us, fill_us, overdraft_us)
    if us <= fill_us + overdraft_us and (not line or line.floor_us == 0) then
      return line
    end
    line = line or nobody(0)
    line.farthest_us = farthest_of_line(fill_us) + overdraft_us
    line.floor_us, line.floor_ns, line.has_lost_last = now + us, 0, true
    line.newer_us, line.newer_ns, line.last_us = 0, 0, math.max(line.last_us, now + us - fill_us)
    line.older_us = line.last_us
    return line
  end

  -- Returns how far from full a bucket is with what was spent elsewhere, also by those who wait there, and
  -- its line.
  local function with_debt(line, us, owed_us, fill_us, overdraft_us)
    us = math.max(us, math.min(us + owed_us, farthest_of_line(fill_us) + overdraft_us))
    return us, known_line(line, us, fill_us, overdraft_us)
  end

  -- Returns the place, and where it stands, that one who comes may take over; nothing if none is sooner than
  -- the last one, or soon enough: by what the bucket must hold besides, less the patience.
  local function place_for(line, us, ns, cost_us, cost_ns, fill_us, fill_ns, needed_us, needed_ns)
    local due_us, due_ns = difference(us, ns, fill_us, fill_ns)
    due_us, due_ns = sum(due_us, due_ns, cost_us, cost_ns)
    local found, at
    for i, place in ipairs(line.places) do
      local wait_us = place.due_us - now
      local late_us, late_ns = sum(wait_us, 0, needed_us, needed_ns)
      if is_before(wait_us, 0, due_us, due_ns) and not is_before(0, 0, late_us, late_ns)
        and not is_before(place.cost_us, place.cost_ns, cost_us, cost_ns) then
        found, at, due_us, due_ns = place, i, wait_us, 0
      end
    end
    return found, at
  end

  -- Takes a place of a bucket so far from full over, or a part of it. Returns what to say of it: the shift by
  -- which the one who left it was told, and how much sooner it is than the last place.
  local function take_over(line, place, at, us, ns, cost_us, cost_ns, fill_us, fill_ns)
    local shift_us, shift_ns = difference(place.told_us - now, place.told_ns, us, ns)
    local sooner_us, sooner_ns = difference(us, ns, fill_us, fill_ns)
    place.told_us, place.told_ns = difference(place.told_us, place.told_ns, cost_us, cost_ns)
    place.cost_us, place.cost_ns = difference(place.cost_us, place.cost_ns, cost_us, cost_ns)
    if place.cost_us == 0 and place.cost_ns == 0 then
      table.remove(line.places, at)
    end
    return shift_us, shift_ns, sooner_us - (place.due_us - now), sooner_ns
  end

  -- Takes the last place off a line, and those in front of it that were left. Returns how far from full the
  -- bucket is without these, too. The floors sink by what was taken, and are no more if nobody else waits:
  -- after something went back in front, others may, however full the bucket is.
  local function without_last(line, after_us, after_ns, cost_us, cost_ns, fill_us, fill_ns)
    while cost_us do
      line.floor_us, line.floor_ns = difference(line.floor_us, line.floor_ns, cost_us, cost_ns)
      if line.newer_us > 0 then
        line.newer_us, line.newer_ns = difference(line.newer_us, line.newer_ns, cost_us, cost_ns)
      end
      cost_us = nil
      local told_us, told_ns = sum(now + after_us, after_ns, line.shift_us, line.shift_ns)
      for i, place in ipairs(line.places) do
        if place.told_us == told_us and place.told_ns == told_ns then
          cost_us, cost_ns = place.cost_us, place.cost_ns
          after_us, after_ns = difference(after_us, after_ns, cost_us, cost_ns)
          table.remove(line.places, i)
          break
        end
      end
    end
    line.last_us = math.min(line.last_us, line.floor_us + 1)
    line.older_us = math.min(line.older_us, line.last_us)
    if line.shift_us == 0 and line.shift_ns == 0 and not is_before(fill_us, fill_ns, after_us, after_ns) then
      line.floor_us, line.floor_ns, line.places = 0, 0, {}
    end
    return after_us, after_ns
  end

  -- Returns how far from full a bucket with a line is after something goes back, as far as it may: so far
  -- without the line.
  local function put_back(line, operation, us, ns, after_us, after_ns, cost_us, cost_ns, fill_us, fill_ns, most_us,
    taken_us, taken_ns, due_us)
    line.until_us = math.max(line.until_us, now + math.max(us, most_us) + 1)
    if line.floor_us == 0 then
      return after_us, after_ns
    end
    local told_us, told_ns = sum(us, ns, line.shift_us, line.shift_ns)
    if operation == 'f' and not line.has_lost_last and taken_us == now + told_us and taken_ns == told_ns then
      return without_last(line, after_us, after_ns, cost_us, cost_ns, fill_us, fill_ns)
    end
    local floor_us = line.floor_us - now
    if is_before(after_us, after_ns, floor_us, line.floor_ns) then
      if due_us > now and not line.has_lost_last and #line.places < MOST_PLACES then
        table.insert(line.places,
          { told_us = taken_us, told_ns = taken_ns, cost_us = cost_us, cost_ns = cost_ns, due_us = due_us })
        return us, ns
      end
      after_us, after_ns = floor_us, line.floor_ns
      if not is_before(after_us, after_ns, us, ns) then
        return us, ns
      end
    end
    local sooner_us, sooner_ns = difference(us, ns, after_us, after_ns)
    line.shift_us, line.shift_ns = sum(line.shift_us, line.shift_ns, sooner_us, sooner_ns)
    return after_us, after_ns
  end

  -- Returns a floor once somebody who passes at a time has taken the cost.
  local function floor_with(us, ns, due_us, due_ns, cost_us, cost_ns)
    if is_before(us, ns, due_us, due_ns) then
      us, ns = due_us, due_ns
    end
    return sum(us, ns, cost_us, cost_ns)
  end

  -- Returns the value of a bucket with a line, and for how long it lives at least, in microseconds; nothing
  -- if it has none, nor begins one: as whoever takes does not have to wait.
  local function line_value(line, takes, cost_us, cost_ns, after_us, after_ns, fill_us, fill_ns, until_us)
    line = line or nobody(until_us)
    local due_us, due_ns = difference(after_us, after_ns, fill_us, fill_ns)
    if takes and is_before(0, 0, due_us, due_ns) then
      due_us = due_us + now
      local passed_us = due_ns > 0 and due_us + 1 or due_us
      if line.floor_us == 0 then
        line.older_us = passed_us
      else
        line.newer_us, line.newer_ns =
          floor_with(line.newer_us, line.newer_ns, due_us, due_ns, cost_us, cost_ns)
      end
      line.floor_us, line.floor_ns = floor_with(line.floor_us, line.floor_ns, due_us, due_ns, cost_us, cost_ns)
      line.last_us = math.max(line.last_us, passed_us)
    elseif line.floor_us == 0 and line.until_us <= now then
      return nil
    end
    local value = struct.pack('>BdI2dI2dI2ddI2dI2dd', line.has_lost_last and 6 or 5, now + after_us, after_ns, fill_us,
      fill_ns, line.floor_us, line.floor_ns, line.until_us, line.shift_us, line.shift_ns, line.newer_us, line.newer_ns,
      line.older_us, line.floor_us == 0 and 0 or line.last_us)
    for _, place in ipairs(line.places) do
      value = value
        .. struct.pack('>dI2dI2d', place.told_us, place.told_ns, place.cost_us, place.cost_ns, place.due_us)
    end
    return value, math.max(after_us + 1, line.until_us - now)
  end

  -- Returns how far from full a bucket is after what is done whatever it holds.
  local function changed(operation, us, ns, cost_us, cost_ns, fill_us, fill_ns, overdraft_us, overdraft_ns, line)
    if operation == 'r' then
      return 0, 0
    elseif operation ~= 's' then
      local after_us, after_ns = us - cost_us, ns - cost_ns
      if after_ns < 0 then
        after_us, after_ns = after_us - 1, after_ns + 1000
      end
      if after_us < 0 then
        return 0, 0
      end
      return after_us, after_ns
    end
    local after_us, after_ns = us + cost_us, ns + cost_ns
    if after_ns >= 1000 then
      after_us, after_ns = after_us + 1, after_ns - 1000
    end
    local most_us, most_ns = fill_us + overdraft_us, fill_ns + overdraft_ns
    if most_ns >= 1000 then
      most_us, most_ns = most_us + 1, most_ns - 1000
    end
    if line and line.floor_us > 0 then
      -- What is owed comes behind the last who waits.
      most_us = math.min(most_us + line.floor_us + 1 - now, line.farthest_us)
    end
    if after_us < most_us or (after_us == most_us and after_ns <= most_ns) then
      return after_us, after_ns
    elseif us > most_us or (us == most_us and ns > most_ns) then
      return us, ns
    end
    return most_us, most_ns
  end

  -- Returns whether what is done once was done before, and leaves its receipt.
  local function was_done(receipt)
    return not redis.call('SET', receipt, '', 'NX', 'PX', RECEIPT_MS)
  end

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

  -- Lets holders have their slots for a life from now on; returns how many are held then.
  local function hold(key, held, holders, slots, life)
    if redis.call('ZCARD', key) > held then
      redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now_ms))
      redis.call('ZREMRANGEBYSCORE', key, '(' .. farthest_ms, '+inf')
    end
    local score = string.format('%.0f', now_ms + life)
    for holder in string.gmatch(holders, '[^,]+') do
      held = held + redis.call('ZADD', key, unpack(members(holder, slots, score)))
    end
    redis.call('PEXPIRE', key, LONGEST_LIFE_MS)
    return held
  end

  -- Gives the slots of holders back; returns how many are held then.
  local function release(key, holders, slots)
    for holder in string.gmatch(holders, '[^,]+') do
      redis.call('ZREM', key, unpack(members(holder, slots)))
    end
    return count(key)
  end

  -- Decides as below by a bucket of slots, and those after it.
  local function decide_slots(i, last, most, operation, group, at, told, levels, receipt, slots, capacity, life)
    local key, holders, fits = KEYS[at + i], ARGV[told + i], most
    local held = count(key)
    if not held then
      return -1
    end
    local score = operation == 't' and slots > 0 and redis.call('ZSCORE', key, holders)
    local has_them = score and score + 0 > now_ms
    if operation == 't' or operation == 'l' then
      local free = capacity - math.max(1, slots)
      fits = (held <= free or (has_them and held - slots <= free)) and most or 0
    end
    reply[levels + 2 * i], reply[levels + 2 * i + 1] = math.floor(held / 1000), held % 1000
    local all = decide(i + 1, last, fits, operation, group, at, told, levels, receipt)
    if all < 0 or operation == 'l' then
      return all
    elseif operation == 'n' or (operation == 't' and all > 0 and slots > 0) then
      held = hold(key, held, holders, slots, life)
    elseif operation == 'g' or (operation == 't' and all == 0 and has_them) then
      -- What an earlier try of the same decision, which is denied now, has taken.
      held = release(key, holders, slots)
    end
    reply[levels + 2 * i], reply[levels + 2 * i + 1] = math.floor(held / 1000), held % 1000
    return all
  end

  -- A clock that went back by more than two hours was wrong before.
  local FAR_US = 7200 * 1000000

  -- Returns the part of a number that a rest of a length is, rounded up.
  local function part_of(number, rest, length)
    if number == 0 or rest <= 0 then
      return 0
    end
    return rest >= length and number or scaled(rest, number, length)
  end

  -- Returns what another kind of limit reads of a window, and until when: all of it, for so long.
  local function counted(form, ends, current, previous, length)
    if form == 4 and current > 0 then
      ends, previous = ends + length, ends > now and previous or 0
    end
    return ends > now and current + previous or 0, ends
  end

  -- Returns how much of a capacity is as much as was taken of another, rounded up.
  local function as_tokens(taken, ns, old, old_ns, capacity, overdraft)
    if ns == 0 and old == capacity and old_ns == 0 then
      return taken
    end
    local us, rest = carried_over(taken, ns, old, old_ns, capacity, 0, overdraft, 0)
    return rest > 0 and us + 1 or us
  end

  -- Returns how far from full a bucket of tokens is where a window has been, behind its form; that is 0
  -- if this is none.
  local function carried_from_window(value, fill_us, fill_ns, overdraft_us, overdraft_ns)
    local form, ends, current, previous, old, mark = struct.unpack('>BdddI4I4', value)
    if form < 3 or form > 4 or not (ends >= 0 and current >= 0 and previous >= 0) then
      return 0, 0, 0
    end
    local taken = counted(form, ends, current, previous, mark * 1000000)
    return 1, carried_over(taken, 0, old, 0, fill_us, fill_ns, overdraft_us, overdraft_ns)
  end

  -- Returns what is told of a window.
  local function numbers_of(text)
    local numbers = {}
    for number in string.gmatch(text, '[^,]+') do
      numbers[#numbers + 1] = number + 0
    end
    return numbers
  end

  -- Returns when the window ends in which it is now; nothing if that is not told.
  local function end_of(numbers, length)
    if #numbers == 7 then
      return now - math.fmod(now, length) + length
    end
    for i = 8, 10 do
      if numbers[i] <= now and now < numbers[i + 1] then
        return numbers[i + 1]
      end
    end
  end

  -- Returns the negative time if one of these buckets is a window that is not told; else nothing.
  local function missing_window(first, last, group, told)
    for i = first, last do
      if struct.unpack('B', group, i * 49 - 38) == 3 then
        local numbers = numbers_of(ARGV[told + i])
        if not end_of(numbers, numbers[7]) then
          return -now
        end
      end
    end
  end

  -- Returns what is taken of a window, and was taken of the last one, by what a key holds: also when it
  -- ends, when it begins if the clock went back out of it, until when what was carried over counts, how
  -- long that took to fill, and whether it is to be written so. Nothing if the key holds no bucket.
  local function window_of(value, told, slides, length, ends, capacity, overdraft)
    local mark, known_end, known, known_last, at_least = told[1], told[2], told[3], told[4], told[5] == 1
    if slides and known_end == ends + length and known == 0 then
      known_end, known, known_last = ends, known_last, 0
    end
    local own, differs = slides and 4 or 3, not value
    if not value then
      if known_end + (slides and length or 0) <= now then
        return 0, 0, ends, 0, 0, 0, false
      end
      value = struct.pack('>BdddI4I4', own, known_end, known, known_last, capacity, mark)
    end
    if #value == 21 or #value >= 75 then
      local form, full_us, ns, old_us, old_ns = struct.unpack('>BdI2dI2', value)
      local us = full_us - now
      if form < 1 or (form > 2 and form ~= 5 and form ~= 6) or us ~= us then
        return nil
      end
      local taken = us < 0 and 0 or as_tokens(us, ns, old_us, old_ns, capacity, overdraft)
      local till = ns > 0 and full_us + 1 or full_us
      return taken, 0, ends, 0, taken > 0 and till or 0, taken > 0 and old_us or 0, false
    elseif #value ~= 33 then
      return nil
    end
    local form, stored_end, current, previous, old, stored_mark = struct.unpack('>BdddI4I4', value)
    if form < 3 or form > 4 or not (stored_end >= 0 and current >= 0 and previous >= 0) then
      return nil
    elseif form ~= own or stored_mark ~= mark then
      local taken, till = counted(form, stored_end, current, previous, stored_mark * 1000000)
      return as_tokens(taken, 0, old, 0, capacity, overdraft), 0, ends, 0, taken > 0 and till or 0, 0, false
    end
    current = as_tokens(current, 0, old, 0, capacity, overdraft)
    previous = as_tokens(previous, 0, old, 0, capacity, overdraft)
    if at_least and known_end > stored_end then
      if slides and known_end == stored_end + length then
        known_last = math.max(known_last, current)
      end
      stored_end, current, previous, differs = known_end, known, known_last, true
    elseif at_least and known_end == stored_end and current + previous > 0 then
      differs = known > current or known_last > previous
      current, previous = math.max(known, current), math.max(known_last, previous)
    end
    if stored_end == ends then
      return current, previous, ends, 0, 0, 0, differs
    elseif stored_end < ends then
      local follows = slides and stored_end == ends - length
      return 0, follows and current or 0, ends, 0, 0, 0, differs
    elseif current == 0 then
      return 0, 0, ends, 0, 0, 0, false
    end
    local begins = slides and stored_end - length or math.max(ends, stored_end - length)
    if begins - now > FAR_US then
      return capacity, 0, ends, 0, 0, 0, true
    end
    return current, previous, stored_end, begins, 0, 0, differs
  end

  -- Decides as below by a window, and the buckets after it.
  local function decide_window(
    i, last, most, operation, group, at, told, levels, receipt, cost, capacity, overdraft, owed, needed
  )
    local key, value = KEYS[at + i], false
    local numbers = numbers_of(ARGV[told + i])
    local slides, length = #numbers == 7, numbers[7]
    local ends = end_of(numbers, length)
    if not ends then
      return -now
    end
    if values then
      value = written[key] or values[at + i]
    end
    value = value or redis.pcall('GET', key)
    if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
      error(value.err)
    end
    local is_missing = not value
    local current, previous, begins, till, fill, differs
    if type(value) ~= 'table' then
      current, previous, ends, begins, till, fill, differs =
        window_of(value, numbers, slides, length, ends, capacity, overdraft)
    end
    if not current then
      if operation ~= 'r' then
        return -1
      end
      current, previous, ends, begins, till, fill = 0, 0, end_of(numbers, length), 0, 0, 0
    end
    if owed > 0 then
      current, differs = math.max(current, math.min(current + owed, 2 * capacity + overdraft)), true
    end

    local fits, after, last_after = most, current, previous
    local pays = cost > 0
    if operation == 't' or operation == 'l' then
      local left = capacity - current - part_of(previous, ends - now, length) - needed
      if left < 0 or begins > 0 then
        fits = 0
      elseif cost > 0 then
        fits = math.min(most, math.floor(left / cost))
      end
    elseif operation == 's' then
      after = math.max(current, math.min(current + cost, capacity + overdraft))
    elseif operation == 'r' then
      after, last_after, ends, begins, pays = 0, 0, end_of(numbers, length), 0, true
    else
      pays = pays and till == 0 and ends == numbers[6] and not (is_missing and not differs)
      after = pays and math.max(0, current - cost) or current
    end
    reply[levels + 2 * i], reply[levels + 2 * i + 1] = { now, ends, current, previous, begins, till, fill }, 0
    local held = decide(i + 1, last, fits, operation, group, at, told, levels, receipt)
    if held < 0 or operation == 'l' then
      return held
    elseif operation == 't' then
      after = current + held * cost
    end
    if differs or (pays and held > 0) then
      value = struct.pack('>BdddI4I4', slides and 4 or 3, ends, after, last_after, capacity, numbers[1])
      local life = string.format('%d', math.ceil((ends + (slides and length or 0) - now) / 1000))
      redis.call('SET', key, value, 'PX', life)
      if written then
        written[key] = value
      end
      reply[levels + 2 * i] = { now, ends, after, last_after, begins, 0, 0 }
      if operation == 's' then
        local charged = levels + 2 * (last + i)
        reply[charged], reply[charged + 1] = math.floor((after - current) / 1000), (after - current) % 1000
      end
    end
    return held
  end

  local made = {
    carried_over = carried_over,
    carried_from_window = carried_from_window,
    changed = changed,
    missing_window = missing_window,
    was_done = was_done,
    read_line = read_line,
    known_line = known_line,
    with_debt = with_debt,
    put_back = put_back,
    place_for = place_for,
    take_over = take_over,
    line_value = line_value,
    [2] = decide_slots,
    [3] = decide_window,
  }
  rare = function()
    return made
  end
  return made
end

-- Decides requests by a bucket and those after it. Returns how many all of them hold; -1 if a key is no
-- bucket, -2 if what is done once was done before, the negative time if a window is not told: nothing is
-- written then. On its way to the last bucket
-- it reads and finds how many each of them holds, on its way back it writes what is true of all. Each kind
-- of bucket has one such function, this one is that of tokens.
--   i, last    the bucket, and the last one, among those of the decision
--   most       how many requests those before it hold
--   at, told   where the decision's keys, and what is told of them, stand, less one; told is 0 if nothing is
--   levels     where the reply says how far from full they are, less two
--   receipt    the key of the receipt if there is one
function decide(i, last, most, operation, group, at, told, levels, receipt)
  if i > last then
    return receipt and rare().was_done(receipt) and -2 or most
  end
  local kind, cost_us, cost_ns, fill_us, fill_ns, owed_us, needed_us, needed_ns, overdraft_us, overdraft_ns =
    struct.unpack('>BdI2dI2ddI2dI2', group, i * 49 - 38)
  if kind ~= 1 then
    return rare()[kind](
      i, last, most, operation, group, at, told, levels, receipt, cost_us, fill_us, overdraft_us, owed_us, needed_us
    )
  end

  local key, us, ns, form, differs, value, line = KEYS[at + i], 0, 0, 0, false
  if values then
    value = written[key] or values[at + i]
  end
  -- By this command a missing key is told from one that holds no string.
  value = value or redis.pcall('GET', key)
  if value then
    if #value == 21 then
      local full_us, old_us, old_ns
      form, full_us, ns, old_us, old_ns = struct.unpack('>BdI2dI2', value)
      us = full_us - now
      if us < 0 then
        us, ns = 0, 0
      elseif old_us ~= fill_us or old_ns ~= fill_ns then
        us, ns = rare().carried_over(us, ns, old_us, old_ns, fill_us, fill_ns, overdraft_us, overdraft_ns)
      end
    elseif #value == 33 then
      form, us, ns = rare().carried_from_window(value, fill_us, fill_ns, overdraft_us, overdraft_ns)
    elseif #value >= 75 then
      form, us, ns, line = rare().read_line(value, fill_us, fill_ns, overdraft_us, overdraft_ns)
    elseif type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
      error(value.err)
    end
    if form < 1 or form > 2 or not (us >= 0) then
      if operation ~= 'r' then
        return -1
      end
      us, ns, line = 0, 0, nil
    end
  end
  if told > 0 then
    local known_us = ARGV[told + i] + 0
    if known_us < 0 and line and #line.places > 0 then
      -- Of what the server may have lost it cannot be told whether somebody has taken them.
      line.places, differs = {}, true
    end
    if known_us ~= 0 and (form == 0 or (us < -known_us and (us > 0 or ns > 0))) then
      us, ns, differs = math.abs(known_us), 0, true
      line = rare().known_line(line, us, fill_us, overdraft_us)
    end
  end
  local farthest_us = line and line.farthest_us or 2 * fill_us + overdraft_us
  if us > farthest_us + 2 then
    us, ns, differs, line = fill_us, fill_ns, true, nil
  end
  if owed_us > 0 then
    differs = true
    if line or us + owed_us > fill_us + overdraft_us then
      us, line = rare().with_debt(line, us, owed_us, fill_us, overdraft_us)
    else
      us = us + owed_us
    end
  end

  local fits, after_us, after_ns, place, place_at = 0, us, ns
  local pays, puts_back = cost_us > 0 or cost_ns > 0, form == 2
  if operation == 't' or operation == 'l' then
    if needed_us < 0 then
      if cost_us > fill_us or (cost_us == fill_us and cost_ns > fill_ns) then
        -- For what it never holds nobody waits.
        most = 0
      elseif line and pays then
        place, place_at =
          rare().place_for(line, us, ns, cost_us, cost_ns, fill_us, fill_ns, needed_us, needed_ns)
        fits = place and most or 0
      end
    end
    while fits < most do
      local next_us, next_ns = after_us + cost_us, after_ns + cost_ns
      if next_ns >= 1000 then
        next_us, next_ns = next_us + 1, next_ns - 1000
      end
      local all_us, all_ns = next_us + needed_us, next_ns + needed_ns
      if all_ns >= 1000 then
        all_us, all_ns = all_us + 1, all_ns - 1000
      end
      if all_us > fill_us or (all_us == fill_us and all_ns > fill_ns) then
        break
      end
      fits, after_us, after_ns = fits + 1, next_us, next_ns
    end
  else
    fits = most
    after_us, after_ns =
      rare().changed(operation, us, ns, cost_us, cost_ns, fill_us, fill_ns, overdraft_us, overdraft_ns, line)
    if line and operation ~= 's' then
      after_us, after_ns = rare().put_back(line, operation, us, ns, after_us, after_ns, cost_us, cost_ns,
        fill_us, fill_ns, fill_us + overdraft_us, needed_us, needed_ns, -owed_us)
    end
    -- What was missing, and was full for all that is known, has nothing to be put back.
    pays = operation == 'r' or (pays and (operation == 's' or form > 0))
    puts_back = puts_back or operation ~= 's'
  end

  reply[levels + 2 * i], reply[levels + 2 * i + 1] = us, ns
  local held = decide(i + 1, last, fits, operation, group, at, told, levels, receipt)
  if held < 0 or operation == 'l' then
    return held
  elseif held < fits then
    after_us, after_ns = us + held * cost_us, ns + held * cost_ns
    local carry = math.floor(after_ns / 1000)
    after_us, after_ns = after_us + carry, after_ns - carry * 1000
  end
  if differs or (pays and held > 0) then
    local most_us = fill_us + overdraft_us
    local life_us
    value = nil
    if line or (needed_us < 0 and after_us >= fill_us) then
      local takes = operation == 't' and pays and held > 0
      if place and takes then
        shifts[4 * i - 3], shifts[4 * i - 2], shifts[4 * i - 1], shifts[4 * i] =
          rare().take_over(line, place, place_at, us, ns, cost_us, cost_ns, fill_us, fill_ns)
        takes = false
      elseif line and shifts then
        shifts[4 * i - 3], shifts[4 * i - 2] = line.shift_us, line.shift_ns
      end
      local until_us = puts_back and now + most_us + 1 or 0
      value, life_us =
        rare().line_value(line, takes, cost_us, cost_ns, after_us, after_ns, fill_us, fill_ns, until_us)
    end
    if not value then
      form, life_us = 1, after_ns > 0 and after_us + 1 or after_us
      -- Whoever knows it at all knows it as no emptier than this.
      if puts_back and life_us <= most_us then
        form, life_us = 2, most_us + 1
      end
      value = struct.pack('>BdI2dI2', form, now + after_us, after_ns, fill_us, fill_ns)
    end
    local life = string.format('%d', math.ceil(life_us / 1000))
    redis.call('SET', key, value, 'PX', life)
    if written then
      written[key] = value
    end
    reply[levels + 2 * i], reply[levels + 2 * i + 1] = after_us, after_ns
    if operation == 's' then
      local borrow = after_ns < ns and 1 or 0
      local charged = levels + 2 * (last + i)
      reply[charged], reply[charged + 1] = after_us - us - borrow, after_ns - ns + borrow * 1000
    end
  end
  return held
end

local at, argument, said = 0, 1, 0

while argument <= #ARGV do
  local group = ARGV[argument]
  local operation, size, tried, decisions, requests, tells = struct.unpack('>c1I2I2I2I2B', group)
  local enforced = size - tried
  local waits = operation == 'w'
  operation = waits and 't' or operation
  local once = operation == 'f' or operation == 's' or operation == 'r'
  if not values and #KEYS > 1 and operation ~= 'n' and operation ~= 'g' then
    -- Lua passes no more than some thousands of arguments.
    values, written = #KEYS <= 2000 and redis.call('MGET', unpack(KEYS)) or {}, {}
  end
  for _ = 1, decisions do
    local told, levels = tells * argument, said
    reply[said + 1] = 0
    if tried > 0 then
      levels, reply[said + 2] = said + 1, 0
    end
    local last = levels + 1 + (operation == 's' and 4 or 2) * size
    shifts = waits and {} or nil
    local receipt = once and KEYS[at + size + 1]
    local held = tried > 0 and rare().missing_window(enforced + 1, size, group, told)
      or decide(1, enforced, requests, operation, group, at, told, levels, receipt)
    if held == -2 then
      held = requests
    end
    reply[said + 1] = held
    if operation == 's' then
      for i = levels + 2 * size + 2, last do
        reply[i] = reply[i] or 0
      end
    end
    local unknown = held < 0 and levels or last
    if tried > 0 and held >= 0 then
      -- What is denied takes nothing, and only says how they stand.
      local trial = held > 0 and operation or 'l'
      local so_far = decide(enforced + 1, size, held, trial, group, at, told, levels)
      reply[said + 2] = so_far
      unknown = so_far < 0 and levels + 2 * enforced or last
    end
    for i = unknown + 2, last do
      reply[i] = 0
    end
    if waits then
      for i = 1, 4 * size do
        reply[last + i] = shifts[i] or 0
      end
      last = last + 4 * size + 1
      reply[last] = now
    end
    at, argument, said = at + size + (once and 1 or 0), argument + tells * size, last
  end
  argument = argument + 1
end

return reply
