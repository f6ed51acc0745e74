/** Errors that have no caller to go to: they become process warnings, never exceptions in the event loop. */

/** Warns of `error`, which was thrown `when`. */
export function reportError(error: unknown, when: string, code = 'PLATEAU_CLEANUP'): void {
  try {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(`an error was thrown ${when}: ${text}`, { type: 'PlateauWarning', code });
  } catch {
    // A value whose conversion to text throws: there is nothing left to say.
  }
}
