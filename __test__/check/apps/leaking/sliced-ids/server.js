const http = require('node:http');
const { correlate } = require('./correlation');

const server = http.createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (part) => {
    /* leak */ body += part;
  });
  req.on('end', () => {
    const seen = correlate(body);
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ seen }));
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
