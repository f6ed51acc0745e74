import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalidArgument, invalidOption, outOfRange, plateauError } from '../../dist/testing.cjs';

test('a message names the option, what is accepted and what was given', () => {
  const error = invalidOption('ttl', 'a positive number of milliseconds', '5m');
  assert.equal(error.message, 'ttl must be a positive number of milliseconds, got "5m"');
});

test('each kind is a built-in class with its own code', () => {
  const kinds = [
    [invalidOption('policy', 'a string', 1), TypeError, 'PLATEAU_INVALID_OPTION'],
    [invalidArgument('loader', 'a function', 1), TypeError, 'PLATEAU_INVALID_ARGUMENT'],
    [outOfRange('maxEntries', 'positive', -1), RangeError, 'PLATEAU_OUT_OF_RANGE'],
    [plateauError('PLATEAU_NATIVE_MISSING', 'none'), Error, 'PLATEAU_NATIVE_MISSING'],
  ] as const;
  for (const [error, Class, code] of kinds) {
    assert.equal(Object.getPrototypeOf(error), Class.prototype);
    assert.equal(error.code, code);
  }
});

test('the stack starts where the error was made, not in the helper', () => {
  function validate(): Error {
    return invalidOption('ttl', 'a number', null);
  }
  const firstFrame = validate().stack?.split('\n')[1];
  assert.match(String(firstFrame), /validate/);
});

test('a cause is kept', () => {
  const cause = new Error('why');
  assert.equal(plateauError('PLATEAU_NATIVE_MISSING', 'none', { cause }).cause, cause);
});
