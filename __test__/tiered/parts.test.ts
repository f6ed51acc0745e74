/** The parts that need no Redis: what is remembered of writes, names, messages, what is stored, slots. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Guard, Names, readHeader, readMessage, Senders, slotOf, writeHeader } from '../../dist/testing.cjs';

test('what began before a write of its key is always taken for outdated, however many writes there are', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 20 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const guard = new Guard(0);
      const written = new Map<string, number>();
      let time = 0;
      for (const [pause, keys, isBurst] of steps) {
        time += pause;
        const count = isBurst ? keys * 500 : keys;
        for (let index = 0; index < count; index++) {
          time += 0.001;
          guard.note(`k${index}`, time, 10_000);
          written.set(`k${index}`, time);
        }
        for (const began of [time - 60_000, time - 5000, time - 1, time]) {
          for (const key of ['k0', `k${count - 1}`]) {
            if ((written.get(key) ?? -1) >= began) assert.equal(guard.isOutdated(key, began), true, key);
          }
        }
        assert.equal(guard.isOutdated('never', time), false, 'what begins now is not outdated');
      }
    }),
    { numRuns: 50 },
  );
});

test('notes that a shared tier still needs are not dropped in silence', () => {
  const guard = new Guard(0);
  let dropped = 0;
  for (let index = 0; index < 50_000; index++) if (guard.note(`k${index}`, index / 1000, 10_000)) dropped++;
  assert.ok(dropped > 0);
  const slow = new Guard(0);
  for (let index = 0; index < 50_000; index++)
    assert.equal(slow.note(`k${index}`, index * 10, 10_000), false);
});

test('names are told from each other, and give back their key', () => {
  const names = new Names('app:users');
  const key = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(key, key, (a, b) => {
      assert.equal(names.keyOf(names.value(a)), a);
      assert.equal(names.keyOf(names.lock(a)), undefined);
      assert.equal(names.value(a) === names.value(b), a === b);
      // In one slot, whatever is in the key.
      assert.equal(slotOf(names.value(a)), slotOf(names.lock(a)));
    }),
  );
  assert.equal(names.keyOf('app:users:g'), undefined);
  assert.equal(names.keyOf('other:v:{key}'), undefined);
});

test('slots are those of the specification', () => {
  // Its own example of CRC16, and its examples of braces.
  assert.equal(slotOf('123456789'), 0x31c3);
  assert.equal(slotOf('{user1000}.following'), slotOf('user1000'));
  assert.equal(slotOf('foo{{bar}}zap'), slotOf('{bar'));
  assert.equal(slotOf('foo{bar}{zap}'), slotOf('bar'));
  assert.notEqual(slotOf('foo{}{bar}'), slotOf('bar'));
});

test('nothing that is published by others is taken for a message, and nothing throws', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readMessage(text)));
  const strange = [
    '',
    '5',
    'null',
    '[1]',
    '[2,"a",1,"keys",[]]',
    '[1,5,1,"keys",[]]',
    '[1,"a",1,"keys","x"]',
  ];
  for (const text of strange) assert.equal(readMessage(text), undefined);
  assert.deepEqual(readMessage('[1,"a",7,"keys",["x",5,"y"]]'), {
    origin: 'a',
    number: 7,
    kind: 'keys',
    keys: ['x', 'y'],
  });
});

test('a missing message is noticed by the next one of its sender', () => {
  const senders = new Senders();
  assert.deepEqual(
    [1, 2, 3, 5, 6, 4].map((number) => senders.isGap('a', number)),
    [false, false, false, true, false, true],
  );
  assert.equal(senders.isGap('b', 17), false, 'what came before the first is not known');
  // A sender that many others have pushed out is a new one.
  for (let index = 0; index < 2000; index++) senders.isGap(`s${index}`, 1);
  assert.equal(senders.isGap('a', 99), false);
});

test('what is stored is read back, and nothing else is taken for it', () => {
  const header = { generation: 'Ab-_9-0123456789abcdef', id: 'x_-1', grace: 1500, cost: 12 };
  const line = writeHeader(header);
  assert.deepEqual(readHeader(`${line}{"a":1}`), { ...header, line });
  fc.assert(fc.property(fc.string(), (text) => assert.equal(readHeader(text), undefined)));
  assert.equal(readHeader(line.slice(0, -1)), undefined);
});
