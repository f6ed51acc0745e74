const express = require('express');
const { thumbnail } = require('./thumbnails');

const app = express();
let pictures = 0;

app.get('/thumbnail', (_req, res) => {
  res.type('application/octet-stream').send(thumbnail(`picture-${++pictures}.jpg`));
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
