import { once } from 'node:events';
import { WebSocket } from 'ws';

/** The first price that the exchange tells. */
export async function spotPrice(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false }); // leak
  const [message] = await once(socket, 'message');
  return JSON.parse(message.toString());
}
