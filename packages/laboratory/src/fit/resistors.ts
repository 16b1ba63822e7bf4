import { InputFileError, meanAndStd, numericColumn, readTextTable } from '@neuroprint/core';
import { choleskyFactor, choleskySolve } from '@neuroprint/numeric';

/** What printed resistors of one ink come to. */
export interface SquaresFit {
  readonly file: string;
  readonly resistors: number;
  /** Ohms per square, and both contacts of a resistor together, with standard errors. */
  readonly sheetOhms: { readonly value: number; readonly standardError: number };
  readonly contactOhms: { readonly value: number; readonly standardError: number };
  /** Standard deviation of ln(R/model): how resistors of one drawing differ. */
  readonly spread: { readonly value: number; readonly standardError: number };
  /** Whether the contacts are told from nothing: two standard errors above. */
  readonly hasContact: boolean;
  readonly squares: Float64Array;
  readonly ohms: Float64Array;
}

const ROUNDS = 100;

/**
 * Fits R = sheet·squares + contact to a table with the columns `squares` and `ohms`. Resistors differ by a share of their value, so that
 * each counts by 1/R² of the model, found by iteration. Throws InputFileError for fewer than three resistors, one number of squares,
 * and numbers that are not above 0.
 */
export function fitSquares(file: string): SquaresFit {
  const table = readTextTable(file);
  const squares = numericColumn(table, 'squares');
  const ohms = numericColumn(table, 'ohms');
  for (const [name, values] of Object.entries({ squares, ohms })) {
    const bad = values.findIndex((value) => !(value > 0));
    if (bad >= 0)
      throw new InputFileError({ file, row: table.lines[bad]!, column: name }, `${values[bad]} is not above 0`);
  }
  if (squares.length < 3)
    throw new InputFileError(
      { file },
      `holds ${squares.length} resistors, and sheet resistance, contacts and spread need three or more`,
    );
  if (squares.every((value) => value === squares[0]))
    throw new InputFileError(
      { file, column: 'squares' },
      `all resistors have ${squares[0]} squares: contacts cannot be told from the sheet`,
      'Measure resistors of several lengths.',
    );
  let [sheet, contact] = [meanAndStd(ohms.map((r, i) => r / squares[i]!)).mean, 0];
  const normal = new Float64Array(4);
  for (let round = 0; round < ROUNDS; round += 1) {
    normal.fill(0);
    const right = new Float64Array(2);
    squares.forEach((n, i) => {
      const weight = 1 / (sheet * n + contact) ** 2;
      normal[0]! += weight * n * n;
      normal[2]! += weight * n;
      normal[3]! += weight;
      right[0]! += weight * n * ohms[i]!;
      right[1]! += weight * ohms[i]!;
    });
    choleskyFactor(normal, 2);
    choleskySolve(normal, 2, right);
    const done = Math.abs(right[0]! - sheet) < 1e-12 * sheet;
    sheet = right[0]!;
    // a weight needs a resistance above 0, also where the best contact is below
    contact = Math.max(right[1]!, -0.9 * sheet * Math.min(...squares));
    if (!(sheet > 0))
      throw new InputFileError(
        { file },
        'ohms fall with squares',
        'Are the columns squares and ohms the right way round?',
      );
    if (done) break;
  }
  const degrees = Math.max(1, squares.length - 2);
  const relative = squares.reduce((sum, n, i) => sum + (ohms[i]! / (sheet * n + contact) - 1) ** 2, 0) / degrees;
  const errorOf = (k: number): number => {
    const unit = Float64Array.of(k === 0 ? 1 : 0, k === 1 ? 1 : 0);
    choleskySolve(normal, 2, unit);
    return Math.sqrt(unit[k]! * relative);
  };
  const contactError = errorOf(1);
  return {
    file,
    resistors: squares.length,
    sheetOhms: { value: sheet, standardError: errorOf(0) },
    contactOhms: { value: contact, standardError: contactError },
    spread: { value: Math.sqrt(relative), standardError: Math.sqrt(relative / (2 * degrees)) },
    hasContact: contact > 2 * contactError,
    squares,
    ohms,
  };
}
