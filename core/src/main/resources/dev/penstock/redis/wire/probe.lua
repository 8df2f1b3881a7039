-- Tries each command that acquire.lua calls by itself, as the error of a command that is refused
-- inside a script names the command on some servers only; and how this Lua reads and writes numbers.
--
-- KEYS[1]  a key of our own, which has a value for a second
-- KEYS[2]  another in its hash slot, which has a member until the end
-- Reply    what acquire.lua writes of fixed numbers, byte by byte in two digits of base 16, and the sum of
--          what it reads of that; then of each
--          command that is refused its name and what the server says

local packed, written = pcall(function()
  return struct.pack('>BdI2dI2', 2, 1764435890 * 1000000 + 123456, 7, 900, 92)
end)
local reply = { '', 0 }
if packed then
  local form, us, ns, fill_us, fill_ns = struct.unpack('>BdI2dI2', written)
  reply[2] = form + us - 1764435890000000 + ns + fill_us + fill_ns
  for i = 1, #written do
    reply[1] = reply[1] .. string.format('%02x', string.byte(written, i))
  end
end

local function try(command, ...)
  local said = redis.pcall(command, ...)
  if type(said) == 'table' and said.err then
    reply[#reply + 1] = command
    reply[#reply + 1] = said.err
  end
end

try('TIME')
try('SET', KEYS[1], written, 'PX', 1000)
try('GET', KEYS[1])
try('MGET', KEYS[1])
try('ZADD', KEYS[2], 1, 'slot')
try('ZSCORE', KEYS[2], 'slot')
try('ZCOUNT', KEYS[2], '(0', '+inf')
try('ZCARD', KEYS[2])
try('PEXPIRE', KEYS[2], 1000)
try('ZREMRANGEBYSCORE', KEYS[2], '-inf', '0')
try('ZREM', KEYS[2], 'slot')
return reply
