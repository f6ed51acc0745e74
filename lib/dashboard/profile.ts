/**
 * The one thing that a dashboard does, and not only shows: a growth profile of this thread, where its options allow that. By
 * POST, and with a header that a page elsewhere cannot send in the name of somebody who is logged in here.
 */

import { type Answer, failure, json } from '../http/answer';
import { profileGrowth } from '../profile/profile';
import { PROFILE_HEADER, PROFILE_VALUE } from './profile-header';

const NUMBERS = ['duration', 'interval', 'limit'] as const;
const STATUS: Record<string, number> = { PLATEAU_PROFILE_BUSY: 409, PLATEAU_PROFILE_UNAVAILABLE: 501 };

// biome-ignore lint/suspicious/noExplicitAny: requests and responses of whatever framework
type Any = any;

/** Answers when the profile is done; it ends early when `res`, of `node:http`, is closed. */
export async function answerProfile(request: Any, res: Any, query: string): Promise<Answer> {
  if (request?.headers?.[PROFILE_HEADER] !== PROFILE_VALUE) {
    return failure(403, `a profile is made for requests with the header ${PROFILE_HEADER}: ${PROFILE_VALUE}`);
  }
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  res?.once?.('close', abort);
  try {
    const profile = await profileGrowth({ ...readQuery(query), signal: gone.signal });
    return json(JSON.stringify(profile));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (error instanceof TypeError || error instanceof RangeError) return failure(400, message);
    const status = STATUS[code ?? ''];
    if (status !== undefined) return failure(status, message);
    // Nobody is there to read this one.
    if (gone.signal.aborted) return failure(499, 'the client has gone');
    throw error;
  } finally {
    res?.off?.('close', abort);
  }
}

function readQuery(query: string): object {
  const given = new URLSearchParams(query);
  const numbers = NUMBERS.filter((name) => given.has(name)).map((name) => [name, Number(given.get(name))]);
  return { ...Object.fromEntries(numbers), ...(given.get('gc') === 'true' ? { gc: true } : {}) };
}
