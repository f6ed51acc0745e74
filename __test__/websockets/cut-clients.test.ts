import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { report } from './child';

interface Result {
  timers: number;
  timersLeft: number;
  oblivious: number;
  took: number;
  left: number;
  later: number;
  released: number;
  cleanedByCut: number;
  cleaned: number;
  vanished: number;
  start: number;
  end: number;
}

suite('1,000 clients, of whom 500 lose their network without a FIN', () => {
  test('supervised: those are released within two heartbeats, by one timer, and the memory is back', async (t) => {
    const { took, start, end, ...rest } = await report<Result>('cut-clients', 'supervised');
    t.diagnostic(`${took} heartbeats; ${start} bytes before, ${end} after: ${(end / start).toFixed(4)}`);
    assert.deepEqual(rest, {
      timers: 1,
      timersLeft: 0,
      // Their ends of the connections know nothing of it.
      oblivious: 500,
      left: 500,
      later: 500,
      released: 500,
      cleanedByCut: 500,
      cleaned: 1000,
      vanished: 500,
    });
    assert.ok(took <= 2, `${took} heartbeats`);
    assert.ok(end <= start * 1.05, `${start} bytes before, ${end} after`);
  });

  test('unsupervised: they stay', async () => {
    const { left, later, released, timers } = await report<Result>('cut-clients', 'bare');
    assert.deepEqual({ left, later, released, timers }, { left: 1000, later: 1000, released: 0, timers: 0 });
  });
});
