// Lua for what BullMQ does not offer (https://redis.io/docs/latest/develop/programmability/eval-intro/). All that depends on
// how its keys look is here and in stored.ts. Each script gets the key of a job, and what all keys of its queue begin with.

/** The set of jobs that were cancelled: BullMQ has no such state. */
export const cancelledSet = 'outlive:cancelled';

/** The set of jobs that are to be cancelled and ran when that was asked for. */
export const cancellingSet = 'outlive:cancelling';

/** A field of ours in BullMQ's own hash of a queue: how many attempts the definition of its jobs gives them. */
export const attemptsField = 'outlive:attempts';

/** Fields of ours in BullMQ's own hash of a job. */
export const fields = {
  /** That it is to end although it runs. */
  cancel: 'outlive:cancel',
  /** What it failed with, as JSON: BullMQ keeps no name. */
  error: 'outlive:error',
  /** The number of the run that it failed, or was cancelled in. */
  attempt: 'outlive:attempt',
  /** How often its lock had run out when its last run ended. */
  stalls: 'outlive:stalls',
  /** How often it had when a run began that it was given by hand, after all its own. */
  given: 'outlive:given',
  /** That its handler has returned `null`: for nothing too BullMQ keeps `null`. */
  null: 'outlive:null',
} as const;

// BullMQ fails a job that was cancelled, and a process may be killed before it says so: whoever looks next does.
const toCancelled = `
local function toCancelled(base, id, endedAt)
  if redis.call('HEXISTS', base .. id, '${fields.cancel}') == 0 then return false end
  redis.call('ZREM', base .. 'failed', id)
  redis.call('ZADD', base .. '${cancelledSet}', endedAt, id)
  redis.call('SREM', base .. '${cancellingSet}', id)
  return true
end
`;

const find = `${toCancelled}
local key, base, id = KEYS[1], ARGV[1], ARGV[2]
local function find()
  if redis.call('TYPE', key).ok ~= 'hash' or redis.call('HEXISTS', key, 'data') == 0 then return nil end
  for _, set in ipairs({'completed', 'failed', '${cancelledSet}', 'delayed', 'prioritized'}) do
    local score = redis.call('ZSCORE', base .. set, id)
    if score and set == 'failed' and toCancelled(base, id, score) then return '${cancelledSet}', score end
    if score then return set, score end
  end
  for _, list in ipairs({'active', 'wait', 'paused'}) do
    if redis.call('LPOS', base .. list, id) then return list, '0' end
  end
  return nil
end
local function leave(place)
  if place == 'wait' or place == 'paused' then redis.call('LREM', base .. place, 1, id)
  else redis.call('ZREM', base .. place, id) end
end
local function tell(...)
  redis.call('XADD', base .. 'events', 'MAXLEN', '~', 10000, '*', 'jobId', id, ...)
end
local function freeDeduplication()
  local taken = redis.call('HGET', key, 'deid')
  local place = taken and base .. 'de:' .. taken
  -- One with a time to live is a window, which outlives its job.
  if place and redis.call('GET', place) == id and redis.call('PTTL', place) == -1 then redis.call('DEL', place) end
end
`;

/** The first queue that holds a job, by its number; KEYS are for the way there. ARGV: the id, and what all keys of each queue begin with. */
export const findQueue: string = `
for index = 2, #ARGV do
  if redis.pcall('HEXISTS', ARGV[index] .. ARGV[1], 'data') == 1 then return index - 2 end
end
return false
`;

/** Those of some jobs of one queue that have not ended. ARGV: what its keys begin with, and the ids. */
export const liveJobs: string = `
local base, live = ARGV[1], {}
for index = 2, #ARGV do
  local id = ARGV[index]
  local ended = redis.call('ZSCORE', base .. 'completed', id) or redis.call('ZSCORE', base .. 'failed', id)
    or redis.call('ZSCORE', base .. '${cancelledSet}', id)
  if not ended and redis.call('EXISTS', base .. id) == 1 then table.insert(live, id) end
end
return live
`;

/** Where a job is, the score that it has there, and its hash. */
export const readJob: string = `${find}
local place, score = find()
if not place then return false end
return {place, score, redis.call('HGETALL', key)}
`;

/** ARGV[3]: now, in epoch ms. */
export const cancelJob: string = `${find}
local place = find()
if place == 'active' then
  redis.call('HSET', key, '${fields.cancel}', '1')
  redis.call('SADD', base .. '${cancellingSet}', id)
  return 1
end
if place ~= 'wait' and place ~= 'paused' and place ~= 'prioritized' and place ~= 'delayed' then return 0 end
leave(place)
freeDeduplication()
redis.call('HSET', key, 'finishedOn', ARGV[3])
redis.call('ZADD', base .. '${cancelledSet}', ARGV[3], id)
tell('event', 'removed', 'prev', place)
return 1
`;

const mend = `${toCancelled}
local function mend(base)
  for _, id in ipairs(redis.call('SMEMBERS', base .. '${cancellingSet}')) do
    local endedAt = redis.call('ZSCORE', base .. 'failed', id)
    if not (endedAt and toCancelled(base, id, endedAt)) then
      local isOver = redis.call('ZSCORE', base .. 'completed', id) or redis.call('HEXISTS', base .. id, '${fields.cancel}') == 0
      if isOver then redis.call('SREM', base .. '${cancellingSet}', id) end
    end
  end
end
`;

/** The jobs that were cancelled, and of which BullMQ says that they failed. KEYS: the sets of those, ARGV: the beginnings of keys. */
export const mendCancelled: string = `${mend}
for _, base in ipairs(ARGV) do mend(base) end
`;

/** How many jobs of a queue wait, are delayed, run, and have failed, and whether it is paused. */
export const countJobs: string = `${mend}
local base = ARGV[1]
mend(base)
return {
  redis.call('LLEN', base .. 'wait') + redis.call('ZCARD', base .. 'prioritized') + redis.call('ZCARD', base .. 'delayed'),
  redis.call('LLEN', base .. 'active'), redis.call('ZCARD', base .. 'failed'), redis.call('HEXISTS', base .. 'meta', 'paused')
}
`;

export const retryJob: string = `${find}
local place = find()
if place ~= 'failed' and place ~= '${cancelledSet}' then return 0 end
local isRead, opts = pcall(cjson.decode, redis.call('HGET', key, 'opts') or '')
local hasWindow = isRead and type(opts) == 'table' and type(opts.de) == 'table' and opts.de.ttl
local taken = not hasWindow and redis.call('HGET', key, 'deid')
if taken and not redis.call('SET', base .. 'de:' .. taken, id, 'NX') and redis.call('GET', base .. 'de:' .. taken) ~= id then
  return 0
end
leave(place)
-- As many runs as the definition gives it now: it was stored with those of a former one.
local attempts = isRead and redis.call('HGET', base .. 'meta', '${attemptsField}')
if attempts then
  redis.call('HSET', key, 'opts', (string.gsub(redis.call('HGET', key, 'opts'), '"attempts":%d+', '"attempts":' .. attempts, 1)))
end
redis.call('HDEL', key, 'finishedOn', 'processedOn', 'failedReason', 'stacktrace', 'returnvalue', 'progress', 'atm', 'ats',
  'stc', 'pb', 'defa', '${Object.values(fields).join("', '")}')
redis.call('HSET', key, 'delay', '0')
local priority = tonumber(redis.call('HGET', key, 'priority')) or 0
if priority == 0 then redis.call('LPUSH', base .. 'wait', id)
else
  local count = redis.call('INCR', base .. 'pc')
  redis.call('ZADD', base .. 'prioritized', priority * 0x100000000 + count % 0x100000000, id)
end
if redis.call('HEXISTS', base .. 'meta', 'paused') == 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
tell('event', 'waiting', 'prev', 'failed')
return 1
`;

const remove = `
local function remove(key)
  redis.call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
end
`;

export const discardJob: string = `${find}${remove}
local place = find()
if not place or place == 'active' then return 0 end
leave(place)
freeDeduplication()
remove(key)
tell('event', 'removed', 'prev', place)
return 1
`;

/**
 * Notes fields of a job for the claim that has it: of one that was lost the job may be gone, and would be there again in part.
 * KEYS: the job, and a set that it is to be in, if any. ARGV: the token of the claim, the id, fields and values.
 */
export const noteFields: string = `
if redis.call('GET', KEYS[1] .. ':lock') ~= ARGV[1] then return end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
if KEYS[2] then redis.call('SADD', KEYS[2], ARGV[2]) end
`;

/** ARGV[3]: the token of the claim, ARGV[4]: what is reported, as JSON. */
export const reportProgress: string = `${find}
if redis.call('GET', key .. ':lock') ~= ARGV[3] then return 0 end
redis.call('HSET', key, 'progress', ARGV[4])
tell('event', 'progress', 'data', ARGV[4])
return 1
`;

/** Those of the jobs in KEYS that are to end, by their places. */
export const askCancelled: string = `
local asked = {}
for place, key in ipairs(KEYS) do
  if redis.call('HEXISTS', key, '${fields.cancel}') == 1 then table.insert(asked, place - 1) end
end
return asked
`;

/**
 * Deletes jobs that were kept long enough. KEYS: sets of jobs that have ended. ARGV: the most jobs to delete; then for each
 * rule what the keys of its jobs begin with, the latest end that is too old, how many are kept, and how many of the sets are its own.
 */
export const deleteEnded: string = `${remove}
local left, first = tonumber(ARGV[1]), 1
local function delete(base, set, ids)
  for _, id in ipairs(ids) do
    remove(base .. id)
    redis.call('ZREM', set, id)
  end
  left = left - #ids
end
for at = 2, #ARGV, 4 do
  local base, latest, count, last = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), first + ARGV[at + 3] - 1
  local total = 0
  for index = first, last do
    local set = KEYS[index]
    if latest ~= '' then delete(base, set, redis.call('ZRANGEBYSCORE', set, '-inf', latest, 'LIMIT', 0, left)) end
    if count then total = total + redis.call('ZCARD', set) end
  end
  while count and total > count and left > 0 do
    local oldest, endedAt
    for index = first, last do
      local job = redis.call('ZRANGE', KEYS[index], 0, 0, 'WITHSCORES')
      if job[1] and not (endedAt and endedAt <= tonumber(job[2])) then oldest, endedAt = index, tonumber(job[2]) end
    end
    delete(base, KEYS[oldest], redis.call('ZRANGE', KEYS[oldest], 0, 0))
    total = total - 1
  end
  first = last + 1
  if left == 0 then break end
end
return tonumber(ARGV[1]) - left
`;
