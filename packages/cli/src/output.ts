import { formatSeconds } from '@neuroprint/core';
import pc from 'picocolors';
import { terminal } from './terminal.ts';
import { TimeLeft } from './time-left.ts';

const REDRAW_MILLISECONDS = 200;
const PLAIN_MILLISECONDS = 5000;
const TELL_MILLISECONDS = 100;

/** One line on standard error that says how far long work is: redrawn on a terminal, now and then a new line in a log. */
export class Progress {
  readonly #label: string;
  // the call's, also where a thread tells
  readonly #terminal = terminal();
  readonly #startedAt = performance.now();
  readonly #timeLeft = new TimeLeft();
  #shownAt = Number.NEGATIVE_INFINITY;
  #toldAt = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(label: string) {
    this.#label = label;
  }

  /** Shows `done` of `total` (0: nobody knows how much there is) and a remark. */
  update(done: number, total: number, note = ''): void {
    const now = performance.now();
    const secondsLeft = this.#timeLeft.at(now / 1000, done, total);
    const { stderr, colours, tell, signal } = this.#terminal;
    if (tell !== undefined) {
      // there is no process to end: work that does not look at the signal stops here
      signal.throwIfAborted();
      // who hears it needs no line
      if (now - this.#toldAt >= TELL_MILLISECONDS) {
        this.#toldAt = now;
        tell({ kind: 'work', label: this.#label, done, total, note, secondsLeft });
      }
      return;
    }
    const drawn = stderr.isTTY === true;
    if (now - this.#shownAt < (drawn ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS)) return;
    // short work needs no progress
    if (now - this.#startedAt < 1000) return;
    this.#shownAt = now;
    const seconds = (now - this.#startedAt) / 1000;
    const left = secondsLeft === undefined ? '' : `, about ${formatSeconds(secondsLeft)} left`;
    const remarks = [...(total > 0 ? [`${done} of ${total}`] : []), ...(note === '' ? [] : [note])];
    const line = `${this.#label}: ${remarks.join(', ')} (${formatSeconds(seconds)}${left})`;
    stderr.write(drawn ? `\r\u001b[K${pc.createColors(colours).dim(line)}` : `${line}\n`);
    this.#open = drawn;
  }

  /** Ends the line. */
  done(): void {
    if (this.#open) this.#terminal.stderr.write('\r\u001b[K');
    this.#open = false;
  }
}

/** A remark on standard error. */
export function log(text: string): void {
  terminal().stderr.write(`${text}\n`);
}

/** Work with a line of progress, which ends whatever happens. */
export async function withProgress<T>(
  label: string,
  work: (onProgress: (done: number, total: number, note?: string) => void) => T | Promise<T>,
): Promise<T> {
  const progress = new Progress(label);
  try {
    return await work((done, total, note) => progress.update(done, total, note));
  } finally {
    progress.done();
  }
}
