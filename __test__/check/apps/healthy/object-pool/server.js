const express = require('express');
const { acquire, release } = require('./pool');

const app = express();

app.get('/sum', async (_req, res) => {
  const matrix = acquire();
  for (let i = 0; i < matrix.cells.length; i++) matrix.cells[i] = i % 17;
  // Several are out at a time.
  await new Promise((resolve) => setTimeout(resolve, 2));
  res.json({ sum: matrix.cells.reduce((sum, cell) => sum + cell, 0), used: ++matrix.used });
  release(matrix);
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
