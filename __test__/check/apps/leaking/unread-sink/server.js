const express = require('express');
const { note } = require('./access-log');

const app = express();

app.use((req, res, next) => {
  res.on('finish', () =>
    note({ url: req.originalUrl, status: res.statusCode, agent: req.get('user-agent') }),
  );
  next();
});

app.get('/', (_req, res) => {
  res.json({ hello: 'world', at: Date.now() });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
