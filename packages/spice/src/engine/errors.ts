import { NeuroprintError } from '@neuroprint/core';

/** No engine of the wanted kind can be started on this machine. */
export class EngineMissingError extends NeuroprintError {
  override readonly exitCode = 1;
  readonly engine: string;

  constructor(engine: string, message: string, hint: string) {
    super(message, hint);
    this.engine = engine;
  }
}

/** A simulator ran and its output cannot be believed. */
export class SimulationError extends NeuroprintError {
  override readonly exitCode = 1;
  /** Name and version of the simulator. */
  readonly engine: string;
  readonly reason: string;
  /** The last lines that the simulator printed. */
  readonly logTail: string;

  constructor(engine: string, reason: string, log: string, hint?: string) {
    const logTail = tailOf(log);
    super(`${engine}: ${reason}${logTail === '' ? '' : `\n${logTail}`}`, hint);
    this.engine = engine;
    this.reason = reason;
    this.logTail = logTail;
  }
}

/** Newton's method of the simulator found no operating point of a row on any way that is tried. There may be one all the same. */
export class NoConvergenceError extends SimulationError {
  constructor(engine: string, row: number) {
    super(engine, `row ${row} has no operating point, not even by ramping up all sources`, '');
  }
}

/** A simulator was stopped because it had not finished in time. */
export class SimulationTimeoutError extends NeuroprintError {
  override readonly exitCode = 1;
  readonly engine: string;
  readonly timeoutMilliseconds: number;

  constructor(engine: string, timeoutMilliseconds: number) {
    super(
      `${engine}: was stopped after ${timeoutMilliseconds / 1000} s without a result`,
      'Give it more time or fewer rows, or try the other engine.',
    );
    this.engine = engine;
    this.timeoutMilliseconds = timeoutMilliseconds;
  }
}

/** A netlist text holds something that is not in the allow-list. Lines count from 1. */
export class NetlistError extends NeuroprintError {
  override readonly exitCode = 2;
  readonly file: string;
  readonly line: number;
  /** What else is refused of the same netlist. */
  readonly more: readonly NetlistError[];

  constructor(file: string, line: number, message: string, hint?: string, more: readonly NetlistError[] = []) {
    super(`${file}, line ${line}: ${message}`, hint);
    this.file = file;
    this.line = line;
    this.more = more;
  }

  /** This refusal and others of the same netlist as one, a line each. */
  with(more: readonly NetlistError[]): NetlistError {
    const inWords = ({ message, hint }: NetlistError): string =>
      hint === undefined ? message : `${message} (${hint})`;
    const shown = more.slice(0, REFUSALS_SHOWN);
    const rest = more.length > shown.length ? [`and ${more.length - shown.length} more`] : [];
    const all = new NetlistError(this.file, this.line, '', undefined, more);
    all.message = [this, ...shown].map(inWords).concat(rest).join('\n');
    return all;
  }
}

const REFUSALS_SHOWN = 49;

/** A template is missing or wrong, or a value that it was given must not stand in a netlist. */
export class TemplateError extends NeuroprintError {
  override readonly exitCode = 2;
  readonly template: string;

  constructor(template: string, message: string, hint?: string) {
    super(`${template}: ${message}`, hint);
    this.template = template;
  }
}

const LOG_LINES = 12;

/** The last lines of a log that say something. */
function tailOf(log: string): string {
  const lines = log
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return lines.slice(-LOG_LINES).join('\n');
}
