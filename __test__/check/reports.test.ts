/** The forms of a report hold what an app may put into them: markup, quotes, control characters, workflow commands. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckReport, checkReports } from '../../dist/testing.cjs';

const EVIL =
  '</script><img src=x onerror=alert(1)>"\'`|&\u001b[2J\u0000\u0007]]>\n::error::owned%\r@everyone';

function report(verdict: CheckReport['verdict']): CheckReport {
  const signal = {
    course: 'growing',
    slope: 300,
    low: 290,
    high: 310,
    budget: 50,
    growth: 1e6,
    rounds: 6,
    reason: EVIL,
  } as const;
  const signals = { heap: signal, external: signal, native: signal, descriptors: signal, handles: signal };
  const floor = { heap: 5e6, external: 1e6, native: 4e7, descriptors: 20, handles: 2, timers: 0, sockets: 2 };
  const place = { file: `/app/${EVIL}`, line: 3, column: 4 };
  return {
    schema: 1,
    verdict,
    summary: EVIL,
    command: ['node', EVIL],
    targets: [`GET http://127.0.0.1/${EVIL}`],
    startedAt: '2026-01-01T00:00:00.000Z',
    seconds: 12,
    roundSize: 400,
    load: {
      sent: 4000,
      answered: 3990,
      cut: 5,
      failed: 5,
      statuses: { '200': 3980, '503': 10 },
      failure: EVIL,
    },
    isolates: [
      {
        name: EVIL,
        pid: 1,
        thread: 0,
        verdict,
        signals,
        floors: [0, 400, 800].map((requests) => ({ ...floor, requests })),
      },
    ],
    culprit: EVIL,
    filling: [],
    findings: [
      {
        pattern: 'listeners',
        title: EVIL,
        confidence: 0.9,
        count: 10,
        bytes: 3000,
        newBytes: 3000,
        bytesPerRequest: 300,
        className: EVIL,
        container: EVIL,
        trace: [{ edge: EVIL, kind: 'variable', node: EVIL, id: 1, place }],
        path: EVIL,
        place,
        placeIs: 'added',
        places: [place],
        evidence: [EVIL],
        fix: EVIL,
      },
    ],
    comparison: undefined,
    allocations: [{ ...place, function: EVIL, bytes: 3e6 }],
    listeners: [{ file: EVIL, line: 1, event: EVIL, emitter: EVIL, live: 10 }],
    handles: [{ ...place, type: EVIL, open: 10 }],
    notes: [EVIL],
  };
}

/** Without findings other lines are told instead. */
function forms(verdict: CheckReport['verdict']): CheckReport[] {
  return [report(verdict), { ...report(verdict), findings: [] }];
}

const { htmlReport, junitReport, markdownReport, githubReport, terminalReport } = checkReports;

for (const verdict of ['leak', 'unclear', 'healthy'] as const) {
  test(`HTML: nothing of the app is markup (${verdict})`, () => {
    for (const html of forms(verdict).map(htmlReport)) {
      assert.ok(!html.includes('<img') && !html.includes('</script>'), 'an element came through');
      assert.ok(!/<(?:script|link|iframe|object)\b/i.test(html), 'it loads or runs something');
      assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;/);
      // Each attribute that is opened is closed again: quotes are escaped.
      for (const [tag] of html.matchAll(/<[a-z][^>]*>/g))
        assert.equal((tag.match(/"/g) ?? []).length % 2, 0, tag);
    }
  });

  test(`JUnit: it is well-formed, and says how many failed (${verdict})`, () => {
    const xml = junitReport(report(verdict));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML does not know
    assert.ok(!/[\u0000-\u0008\u000b-\u001f]/.test(xml), 'control characters');
    assert.ok(!xml.includes('<img') && !/&(?!amp;|lt;|gt;|quot;|#10;)/.test(xml));
    const open = [...xml.matchAll(/<([a-z]+)[ >]/g)].map(([, name]) => name).toSorted();
    const closed = [...xml.matchAll(/<\/([a-z]+)>/g)].map(([, name]) => name).toSorted();
    assert.deepEqual(open, closed);
    assert.match(
      xml,
      {
        leak: / failures="2" errors="0"/,
        unclear: / failures="0" errors="1"/,
        healthy: / failures="0" errors="0"/,
      }[verdict],
    );
  });

  test(`GitHub: one command per line, none of them the app's (${verdict})`, () => {
    const lines = githubReport(report(verdict)).trimEnd().split('\n');
    assert.equal(lines.length, verdict === 'leak' ? 2 : 1);
    for (const line of lines) {
      assert.match(line, /^::(?:error|notice)(?: [^:]*)?::/);
      assert.ok(!line.includes('\r'));
    }
  });

  test(`terminal: no control characters but line ends (${verdict})`, () => {
    for (const form of forms(verdict)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(terminalReport(form, false)));
    }
  });

  test(`Markdown: no element, and no table is broken (${verdict})`, () => {
    for (const markdown of forms(verdict).map(markdownReport)) {
      assert.ok(
        !/<(?!\/?(?:details|summary)\b)[a-z]/i.test(
          markdown.replace(/\\[\s\S]/g, '').replace(/(`+)[\s\S]*?\1/g, ''),
        ),
        'an element',
      );
      const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
      assert.deepEqual([...new Set(rows.map((row) => row.split('|').length))].length, 1);
    }
  });
}
