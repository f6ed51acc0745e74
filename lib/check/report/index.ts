/** The forms of a report. */

export { githubReport } from './github';
export { htmlReport } from './html';
export { junitReport } from './junit';
export { markdownReport } from './markdown';
export { terminalReport } from './terminal';
