/** Asks for one of several paths by chance, on one connection, again and again until it is stopped. */

import { connect } from 'node:net';
import { randomSource } from './random.mjs';

const [origin, ...paths] = process.argv.slice(2);
const random = randomSource(1);
const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
const { port, hostname } = new URL(String(origin));
const socket = connect(Number(port), hostname).setNoDelay(true);
const ask = () => socket.write(requests[Math.floor(random() * requests.length)] ?? '');
// Each answer comes in one piece.
socket.on('connect', ask).on('data', ask);
