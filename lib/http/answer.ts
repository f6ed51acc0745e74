/** Answers of the endpoints that plateau serves, and how they are written to a response of `node:http`. */

/** An answer, before it is written to a framework's response. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

// biome-ignore lint/suspicious/noExplicitAny: responses of whatever framework
type Any = any;

/** Of every answer: what these endpoints say is for one pair of eyes, now. */
export const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  vary: 'accept',
};

const JSON_TYPE = 'application/json; charset=utf-8';

export function success(type: string, body: string, headers: Record<string, string> = {}): Answer {
  return { status: 200, headers: { ...COMMON_HEADERS, ...headers, 'content-type': type }, body };
}

/** JSON that has been made already. */
export function json(body: string, status = 200): Answer {
  return { ...success(JSON_TYPE, `${body}\n`), status };
}

export function failure(status: number, error: string, headers: Record<string, string> = {}): Answer {
  const answer = json(JSON.stringify({ error }), status);
  Object.assign(answer.headers, headers);
  return answer;
}

/** The answer to methods but GET and HEAD. */
export function methodNotAllowed(): Answer {
  return failure(405, 'only GET and HEAD are allowed', { allow: 'GET, HEAD' });
}

/** Whether nobody waits for an answer any more: somebody else has given one, or the connection is gone. */
export function isAnswered(res: Any): boolean {
  return res.headersSent || res.writableEnded || res.destroyed;
}

export function send(res: Any, { status, headers, body }: Answer, isHead: boolean): void {
  if (isAnswered(res)) return;
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader('content-length', String(Buffer.byteLength(body)));
  res.end(isHead ? undefined : body);
}
