/** Asks a process by its control socket. */

import { statSync } from 'node:fs';
import { connect } from 'node:net';
import {
  addressesAreFiles,
  checkDirectory,
  checkSocket,
  controlAddress,
  controlDirectory,
  ownUid,
  refused,
} from './place';
import type { ControlAnswer, ControlRequest } from './server';

/** The longest answer that is read, in characters. */
const MOST_ANSWER = 32 * 2 ** 20;

/**
 * The result of a command.
 *
 * @param patience ms until an answer has to be there
 * @throws Error `PLATEAU_CONTROL` where the process cannot be asked, or the code that it answers with
 */
export async function ask(pid: number, request: ControlRequest, patience: number): Promise<unknown> {
  const address = addressOf(pid);
  const text = await exchange(pid, address, `${JSON.stringify(request)}\n`, patience);
  let answer: ControlAnswer;
  try {
    answer = JSON.parse(text) as ControlAnswer;
  } catch (error) {
    throw refused(`process ${pid} did not answer: it has ended, or turned away one more client`, error);
  }
  if (answer.ok) return answer.result;
  const { message, code } = answer.error;
  throw Object.assign(new Error(message), { code });
}

function addressOf(pid: number): string {
  if (!isThere(pid)) throw refused(`there is no process ${pid}`);
  const self = ownUid();
  const uid = uidOf(pid);
  const find = (user: number): string | undefined => {
    const address = controlAddress(pid, user);
    if (!addressesAreFiles) return address;
    try {
      checkDirectory(controlDirectory(user), user);
      checkSocket(address, user);
      return address;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  // An administrator may ask any.
  const address = find(self) ?? (self === 0 && uid !== 0 ? find(uid) : undefined);
  if (address !== undefined) return address;
  if (uid !== self && self !== 0) throw refused(`process ${pid} belongs to another user: ask as that user`);
  throw notListening(pid);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whose process that is, where the system tells; otherwise it is taken for ours. */
function uidOf(pid: number): number {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? ownUid();
}

function notListening(pid: number): Error {
  return refused(
    `process ${pid} does not listen: for safety it has to be told to, by PLATEAU_CONTROL=1 with --import plateau/register, ` +
      'or by startMemorySampler({ control: true }); and TMPDIR has to be the same there and here',
  );
}

function exchange(pid: number, address: string, line: string, patience: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => socket.write(line));
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(patience, () => socket.destroy(refused(`process ${pid} did not answer in time`)));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MOST_ANSWER) socket.destroy(refused(`process ${pid} answers too much`));
    });
    socket.on('end', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code } = error;
      if (code === 'ECONNREFUSED' || code === 'ENOENT') reject(notListening(pid));
      else reject(code === 'PLATEAU_CONTROL' ? error : refused(`process ${pid} cannot be asked`, error));
    });
  });
}
