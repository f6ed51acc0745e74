/** Asks one URL again and again, on ten connections, until it is stopped. */

import autocannon from 'autocannon';

const [url, seconds] = process.argv.slice(2);
await autocannon({ url, connections: 10, duration: Number(seconds) });
