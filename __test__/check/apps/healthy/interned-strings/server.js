const http = require('node:http');

const WORDS = ['lamp', 'table', 'chair', 'shelf', 'rug', 'mirror', 'vase', 'clock'];
const table = new Map();

/** One string for all that are equal. There are 512 in all. */
function intern(text) {
  const known = table.get(text);
  if (known !== undefined) return known;
  table.set(text, text);
  return text;
}

let requests = 0;

const server = http.createServer((_req, res) => {
  const n = ++requests;
  const path = intern([n, n >> 3, n >> 6].map((bits) => WORDS[bits & 7]).join('/'));
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify({ path, known: table.size }));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
