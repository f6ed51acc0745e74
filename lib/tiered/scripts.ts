/**
 * What runs inside Redis, where several steps have to be one. Each script touches the value of one key and its lock, or
 * the index of one tag, hence one slot of a cluster.
 *
 * The lock is also a lease, as in Facebook's memcached (Nishtala et al., NSDI 2013): setting or deleting a key breaks the
 * lock, and only a load whose lock is whole is stored. So a load that began before a write can never overwrite it,
 * however late it ends.
 */

import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** KEYS value. The time left, and the value; nothing if there is none. A script, so that no replica answers it. */
export const READ: Script = script(`
local value = redis.call('GET', KEYS[1])
if not value then return false end
return {redis.call('PTTL', KEYS[1]), value}
`);

/**
 * KEYS value, lock. ARGV the header of the value that was seen, '' if there was none, '*' if any is as good as none; token;
 * lock time; whether to take it by force. Takes the lock, unless there is another value by now (answered as by READ) or somebody has it (0).
 */
export const ACQUIRE: Script = script(`
local value = redis.call('GET', KEYS[1])
if value and ARGV[1] ~= '*' and (ARGV[1] == '' or string.sub(value, 1, #ARGV[1]) ~= ARGV[1]) then
  return {redis.call('PTTL', KEYS[1]), value}
end
if ARGV[4] == '1' then
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
  return 1
end
if redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3]) then return 1 end
return 0
`);

/** KEYS value, lock. ARGV token, what to store, its time. Stores it and lets go of the lock, if that is still held. */
export const COMMIT: Script = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
`);

/** KEYS lock. ARGV token, lock time. */
export const RENEW: Script = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** KEYS lock. ARGV token. */
export const RELEASE: Script = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

/** KEYS value, lock. ARGV what to store, its time. */
export const SET: Script = script(`
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[2])
return 1
`);

/** KEYS value, lock. Whether there was a value. */
export const REMOVE: Script = script(`
redis.call('DEL', KEYS[2])
return redis.call('UNLINK', KEYS[1])
`);

/**
 * KEYS index of a tag. ARGV key, for how long it is needed, the most keys. Adds the key, by the time at which it may be
 * forgotten, and returns the keys that have to leave the cache for it, those that would expire first.
 */
export const INDEX: Script = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local until_ = now + ARGV[2]
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not known or tonumber(known) < until_ then
  redis.call('ZADD', KEYS[1], string.format('%.0f', until_), ARGV[1])
end
local leaving = {}
local over = math.min(redis.call('ZCARD', KEYS[1]) - ARGV[3], 1000)
if over > 0 then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, over)) do
    if member ~= ARGV[1] and #leaving < over then
      leaving[#leaving + 1] = member
      redis.call('ZREM', KEYS[1], member)
    end
  end
end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', tonumber(last) + 1))
return leaving
`);
