/** The error of a check that cannot go on: its message says all there is to say, and is shown without a stack. */
export class CheckFailure extends Error {}
