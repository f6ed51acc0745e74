const http = require('node:http');
const downloads = require('./downloads');

const server = http.createServer((req, res) => {
  const stream = downloads.open(__filename);
  // An early return, and nobody closes the stream.
  if (req.headers.range === undefined) {
    res.writeHead(304);
    return res.end();
  }
  stream.pipe(res);
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
