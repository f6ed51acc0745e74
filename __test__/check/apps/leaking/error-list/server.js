const express = require('express');
const { report } = require('./errors');

const app = express();

app.get('/import', (req, res, next) => {
  const rows = Array.from({ length: 25 }, (_, row) => ({ row, ok: row % 5 !== 0 }));
  const failed = rows.filter(({ ok }) => !ok);
  /* leak */ if (req.query.strict)
    return next(Object.assign(new Error(`${failed.length} rows failed`), { rows: failed }));
  res.json({ imported: rows.length - failed.length });
});

app.use((error, _req, res, _next) => {
  report(error);
  res.status(422).json({ error: error.message });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
