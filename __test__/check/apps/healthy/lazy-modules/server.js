const express = require('express');

const formats = ['csv', 'html', 'xml', 'markdown', 'gzip', 'hash'];
let requests = 0;

const app = express();

// What a format needs is loaded when it is asked for first, which is one request in thirty.
app.get('/export', (_req, res) => {
  const known = Math.min(formats.length, 1 + Math.floor(++requests / 30));
  const name = formats[requests % known];
  const { write } = require(`./formats/${name}`);
  res.type('text').send(
    write([
      { id: requests, city: 'Paris' },
      { id: 2, city: 'Oslo' },
    ]),
  );
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
