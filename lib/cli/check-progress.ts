/** How far a check is: one line that changes, or, where that is no terminal, a line per change of phase. */

import type { CheckProgress } from '../check/options';

/** Start of line, clear to its end. */
const CLEAR = '\r\u001b[K';
/** Between two lines of the same phase in a pipe, in ms. */
const QUIET = 10_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export interface ProgressLine {
  show(progress: CheckProgress): void;
  end(): void;
}

export function progressOn(stream: NodeJS.WriteStream): ProgressLine {
  return stream.isTTY ? changing(stream) : lines(stream);
}

function changing(stream: NodeJS.WriteStream): ProgressLine {
  let text = '';
  let frame = 0;
  const draw = (): void => {
    const line = `${FRAMES[frame++ % FRAMES.length]} ${text}`;
    stream.write(CLEAR + line.slice(0, Math.max(20, (stream.columns || 80) - 1)));
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    show(progress) {
      text = describe(progress);
      timer ??= setInterval(draw, 120).unref();
      draw();
    },
    end() {
      clearInterval(timer);
      if (text !== '') stream.write(CLEAR);
      text = '';
    },
  };
}

function lines(stream: NodeJS.WriteStream): ProgressLine {
  let phase = '';
  let saidAt = 0;
  return {
    show(progress) {
      const now = performance.now();
      if (progress.phase === phase && now - saidAt < QUIET) return;
      phase = progress.phase;
      saidAt = now;
      stream.write(`plateau check: ${describe(progress)}\n`);
    },
    end() {},
  };
}

function describe({ phase, round, text }: CheckProgress): string {
  return `${phase}${round === undefined ? '' : `, round ${round}`}: ${text}`;
}
