/** Asks one URL again and again, on ten connections, until it is stopped. */

import autocannon from 'autocannon';

const DAY = 86_400;
const [url] = process.argv.slice(2);
await autocannon({ url, connections: 10, duration: DAY });
