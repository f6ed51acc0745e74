const express = require('express');
const { onShutdown } = require('./lifecycle');

const app = express();

app.get('/export', (req, res) => {
  const rows = Array.from({ length: 30 }, (_, i) => ({ id: i, city: 'Paris', total: i * 3.5 }));
  /* leak */ const job = { rows, aborted: false, format: req.query.format ?? 'csv' };
  // An export that is under way is to be marked when the service goes down.
  /* leak */ onShutdown(() => {
    job.aborted = true;
    job.rows.length = 0;
  });
  res.type('text').send(job.rows.map(({ id, city, total }) => `${id};${city};${total}`).join('\n'));
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
