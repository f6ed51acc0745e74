/** Which parts of a URL, a header or a field are secrets, whatever way they are written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Redactor } from '../../dist/testing.cjs';

const redactor = new Redactor({ names: ['Ticket'], test: undefined, reveal: [] });
const clean = (url: string): string => redactor.url(url, 2048);

test('sensitive parameters lose their values, the others stay', () => {
  const names =
    'token access_token refresh_token id_token api_key apikey key password passwd pwd secret client_secret code state ' +
    'signature sig auth authorization session sid jwt otp pin ssn card cvv email X-Amz-Signature resetToken TOKEN ' +
    'user[password] user.password token[] token[0] pass1 X-Amz-Security-Token PHPSESSID csrf ticket ticket_id';
  for (const name of names.split(' ')) {
    assert.equal(clean(`/a?b=1&${name}=hunter2&c=3`), `/a?b=1&${name}=[redacted]&c=3`);
  }
  for (const name of 'q page keyword country_code monkey status statement author pinned tokyo design id'.split(
    ' ',
  )) {
    assert.equal(clean(`/a?b=1&${name}=hunter2`), `/a?b=1&${name}=hunter2`);
  }
});

test('no way of writing gets a secret through', () => {
  const urls = [
    '/a?%74oken=hunter2',
    '/a?t%6Fken=hunter2',
    '/a?%2574oken=hunter2',
    '/a?to%ZZ&%74oken=hunter2',
    '/a?token=x&token=hunter2',
    '/a?token=hun%ZZter2&token=hunter2',
    '/a?a=1;token=hunter2',
    '/a?token=a;hunter2',
    '/a?token=a?hunter2',
    '/a?token=a#hunter2',
    '/a?token==hunter2',
    '/a?token=a=hunter2',
    '/a#access_token=hunter2',
    '/a?x#access_token=hunter2',
    '/a;jsessionid=hunter2',
    '/a;v=1;token=hunter2/b?c=1',
    '/a;%74oken=hunter2/b',
    '/a/token=hunter2/b',
    'http://user:hunter2@host/a',
    'HTTPS://hunter2@host:80/a?b=1',
    'http://u:p@hunter2@host/',
    '/a?user%5Bpassword%5D=hunter2',
    '/a?user[pass%77ord]=hunter2',
    '/a?+token=hunter2',
    '/a?token%00=hunter2',
    '/a?to+ken=hunter2',
    '/a?next=/b?token=hunter2',
    '/a?next=%2Fb%3Ftoken%3Dhunter2',
    '/a?next=%252Fb%253Ftoken%253Dhunter2',
    '/a?next=https%3A%2F%2Fuser%3Ahunter2%40host%2F',
    '/a?next=https://user:hunter2@host/',
    '/a?filter={"password":"hunter2"}',
    '/a?filter=%7B%22password%22%3A%22hunter2%22%7D',
    '/a?token%3Dhunter2',
    `/a/eyJhbGciOiJIUzI1NiJ9.${'hunter2'}.x`,
    '/a?x=eyJhbGciOiJIUzI1NiJ9.hunter2.hunter2',
    '/a?&&=&token=hunter2',
    `http://user:${'hunter2'.repeat(400)}@host/`,
    `/a?token=${'hunter2'.repeat(400)}`,
  ];
  for (const url of urls) assert.ok(!clean(url).includes('hunter2'), `${url} gave ${clean(url)}`);
  assert.equal(clean('http://user:hunter2@host/a?b=1'), 'http://[redacted]@host/a?b=1');
  assert.equal(clean('/a;jsessionid=hunter2/b?c=1'), '/a;jsessionid=[redacted]/b?c=1');
});

test('what is harmless is left as it was', () => {
  for (const url of [
    '/',
    '',
    '*',
    '/a/b?c=d&e',
    '/a?token=',
    '/a%20b?c=%20',
    '/a?t=10:30',
    'host:443',
    '/@user/a@b',
    '/a?b=c=d',
    '/?',
    '/%',
  ]) {
    assert.equal(clean(url), url);
  }
});

test('names of a user count in any case, a function too, and what it throws redacts', () => {
  assert.equal(clean('/a?TICKET=1'), '/a?TICKET=[redacted]');
  const asking = new Redactor({ names: [], test: (name) => name.startsWith('x'), reveal: ['code'] });
  assert.equal(asking.url('/a?xy=1&code=2&state=3', 99), '/a?xy=[redacted]&code=2&state=[redacted]');
  const failing = new Redactor({
    names: [],
    test: () => {
      throw new Error();
    },
    reveal: [],
  });
  assert.equal(failing.url('/a?b=1', 99), '/a?b=[redacted]');
});

test('the length is bounded, and however strange a URL is, nothing throws and no secret stays', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('%', '%7', '=', '&', ';', '?', '#', '//', '@', 'eyJ', '[', '"', ':', '+'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const url = `/${pieces.join('')}`;
      assert.ok(redactor.url(url, 30).length <= 31);
      const secret = `${url}&token=hunter2`;
      if (!url.includes('hunter2')) assert.ok(!redactor.url(secret, 5000).includes('hunter2'), secret);
    }),
    { numRuns: 2000 },
  );
});
