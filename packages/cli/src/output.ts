import { formatSeconds } from '@neuroprint/core';
import pc from 'picocolors';

const REDRAW_MILLISECONDS = 200;
const PLAIN_MILLISECONDS = 5000;

/** One line on standard error that says how far long work is: redrawn on a terminal, now and then a new line in a log. */
export class Progress {
  readonly #label: string;
  readonly #startedAt = performance.now();
  #shownAt = Number.NEGATIVE_INFINITY;
  #open = false;

  constructor(label: string) {
    this.#label = label;
  }

  /** Shows `done` of `total` (0: nobody knows how much there is) and a remark. */
  update(done: number, total: number, note = ''): void {
    const now = performance.now();
    const terminal = process.stderr.isTTY;
    if (now - this.#shownAt < (terminal ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS)) return;
    // short work needs no progress
    if (now - this.#startedAt < 1000) return;
    this.#shownAt = now;
    const seconds = (now - this.#startedAt) / 1000;
    const left = done > 0 && total > 0 ? `, about ${formatSeconds((seconds / done) * (total - done))} left` : '';
    const remarks = [...(total > 0 ? [`${done} of ${total}`] : []), ...(note === '' ? [] : [note])];
    const line = `${this.#label}: ${remarks.join(', ')} (${formatSeconds(seconds)}${left})`;
    process.stderr.write(terminal ? `\r\u001b[K${pc.dim(line)}` : `${line}\n`);
    this.#open = terminal;
  }

  /** Ends the line. */
  done(): void {
    if (this.#open) process.stderr.write('\r\u001b[K');
    this.#open = false;
  }
}

/** A remark on standard error. */
export function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The result on standard output: the JSON object, or the lines for a person. */
export function printResult(json: boolean, result: object, lines: readonly string[]): void {
  process.stdout.write(`${json ? JSON.stringify(result, null, 2) : lines.join('\n')}\n`);
}
