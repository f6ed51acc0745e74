/** A Set of running jobs from which finished ones are removed by a copy. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'delete gets a copy of the job, so it removes nothing';

class Job {
  constructor(id) {
    this.id = id;
    this.state = 'running';
    this.steps = ['reserve', 'pay', 'ship'].map((name) => ({ name, done: false }));
    this.started = new Date();
  }
}

export function app() {
  const running = new Set();
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const job = new Job(req.params.id);
    running.add(job);
    const found = product(Number(req.params.id), 400);
    setImmediate(() => {
      running.delete({ ...job, state: 'done' });
      res.json({ ...found, job: job.id });
    });
  });
  return shop;
}
