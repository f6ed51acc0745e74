import { type ExpectNoLeakOptions, expectNoLeak, type LeakError } from 'plateau/test';

const options: ExpectNoLeakOptions = { iterations: 100, warmup: 10, budget: 64, name: 'it', timeout: 1000 };
const done: Promise<void> = expectNoLeak(async (iteration: number) => iteration * 2, options);
await done;
await expectNoLeak(() => {});

// @ts-expect-error a function is needed
await expectNoLeak('it');
// @ts-expect-error no such option
await expectNoLeak(() => {}, { runs: 3 });

export function patterns(error: LeakError): string[] {
  const each: number = error.perIteration;
  return each > 0 ? error.findings.map((finding) => finding.pattern) : [error.message];
}
