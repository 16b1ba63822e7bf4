import { InputFileError } from '../files/errors.ts';
import { isNumber } from './cells.ts';
import { holdsText, isBoolean } from './features.ts';
import { columnOf, type TextTable } from './text-table.ts';

/** What people call the column of the class, in lower case. */
const NAMES = ['label', 'class', 'target', 'species', 'diagnosis', 'quality'] as const;

/**
 * The column that the classes are read from where nobody named it: the one with a usual name, or the only one that holds words. Throws
 * InputFileError, which asks for it, where there is none or more than one.
 */
export function findClassColumn(table: TextTable, others: readonly string[], marks: readonly string[]): string {
  const candidates = table.header.filter((name) => !others.includes(name));
  const named = candidates.filter((name) => (NAMES as readonly string[]).includes(name.toLowerCase()));
  if (named.length === 1) return named[0]!;
  const words = candidates.filter((name) => {
    const column = columnOf(table, name);
    return holdsText(column, marks) && !isBoolean(column, marks);
  });
  if (named.length === 0 && words.length === 1) return words[0]!;
  const unsure = named.length > 0 ? named : words;
  throw new InputFileError(
    { file: table.file },
    unsure.length === 0
      ? `no column is called ${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1)}, and none holds words: which one has the class?`
      : `the class may be in ${unsure.join(' or in ')}`,
    unsure.length === 0
      ? `Name it with --label; the columns are: ${table.header.join(', ')}.`
      : 'Name one with --label, and leave out the others with --ignore.',
  );
}

/** As many different numbers may still be classes, such as pictures of digits or grades. */
const MOST_NUMBERED = 20;
const LEAST_ROWS = 3;

/**
 * Throws InputFileError for classes that cannot be split into training, validation and test rows, and for numbers that are rather a
 * target. Returns what is to be said of the classes.
 */
export function checkClasses(
  place: { readonly file: string; readonly column: string },
  classNames: readonly string[],
  labels: Int32Array,
  { split, bySeed, isNamed }: { readonly split: Uint8Array; readonly bySeed: boolean; readonly isNamed: boolean },
): string[] {
  const rows = classNames.map((_, c) => labels.reduce((sum, label) => sum + (label === c ? 1 : 0), 0));
  const rare = classNames.flatMap((name, c) => (rows[c]! < LEAST_ROWS ? [`"${name}" (${rows[c]})`] : []));
  const numbered = classNames.length > MOST_NUMBERED && classNames.every(isNumber);
  if (numbered && (rare.length > 0 || !isNamed))
    throw new InputFileError(
      place,
      `has ${classNames.length} different numbers, and each would be a class`,
      `To predict the number itself, give train --target "${place.column}"; name another column of classes with --label.`,
    );
  if (rare.length > 0 && bySeed)
    throw new InputFileError(
      place,
      `${rare.length === 1 ? 'a class has' : `${rare.length} classes have`} fewer than ${LEAST_ROWS} rows: ${rare.slice(0, 5).join(', ')}${rare.length > 5 ? ' and others' : ''}`,
      `Give at least ${LEAST_ROWS} rows of every class, one for training, validation and test each, or take these rows out.`,
    );
  const untaught = classNames.filter((_, c) => !labels.some((label, row) => label === c && split[row] === 0));
  return [
    ...(numbered
      ? [`${place.column} has ${classNames.length} different numbers; to predict the number itself, train --target`]
      : []),
    ...(rare.length > 0 ? [`classes with fewer than ${LEAST_ROWS} rows: ${rare.join(', ')}`] : []),
    ...(untaught.length > 0 ? [`no training row is of class ${untaught.join(', ')}`] : []),
  ];
}
