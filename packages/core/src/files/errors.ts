/**
 * The causes of failure that a person can act on. Every class carries the exit code of the command line
 * (1 the machine or the simulator failed, 2 wrong use or bad input, 3 done but below what was asked) and,
 * where there is one, a hint that says what to do. Anything else that is thrown is a bug.
 */
export abstract class NeuroprintError extends Error {
  abstract readonly exitCode: 1 | 2 | 3;
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = new.target.name;
    this.hint = hint;
  }
}

/** A command, an option or a call was used wrongly. */
export class UsageError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** Where in a file something is wrong; rows count from 1 and the header is row 1, as editors show it. */
export interface FilePlace {
  readonly file: string;
  readonly row?: number;
  readonly column?: string;
}

/** A file that the user gave cannot be used as it is. */
export class InputFileError extends NeuroprintError {
  override readonly exitCode = 2;
  readonly place: FilePlace;

  constructor(place: FilePlace, message: string, hint?: string) {
    const row = place.row === undefined ? '' : `, row ${place.row}`;
    const column = place.column === undefined ? '' : `, column ${place.column}`;
    super(`${place.file}${row}${column}: ${message}`, hint);
    this.place = place;
  }
}

/** The machine could not write a file: no space, no permission, a disk that fails. */
export class FileWriteError extends NeuroprintError {
  override readonly exitCode = 1;
  readonly path: string;

  constructor(path: string, message: string, hint?: string) {
    super(`${path}: cannot be written: ${message}`, hint);
    this.path = path;
  }
}

/** An output would overwrite something, or another process is writing to it. */
export class OutputInUseError extends NeuroprintError {
  override readonly exitCode = 2;
  readonly path: string;

  constructor(path: string, message: string, hint?: string) {
    super(`${path}: ${message}`, hint);
    this.path = path;
  }
}
