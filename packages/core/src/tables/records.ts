import { parse } from '#csv';
import { InputFileError } from '../files/errors.ts';
import { isNumber, looksNumeric } from './cells.ts';
import { type DecodedText, decodeText } from './decode-text.ts';

/** Cells of a file line by line, before anybody knows what they are. */
export interface Records {
  readonly cells: readonly (readonly string[])[];
  /** The line of each record in the file, from 1, as editors show it. */
  readonly lines: readonly number[];
  readonly separator: string;
  /** Lines above the table that begin with # or %, without that sign. */
  readonly comments: readonly string[];
  readonly encoding: DecodedText['encoding'];
}

const SEPARATORS = [',', ';', '\t', '|'] as const;
const NAMES: Readonly<Record<string, string>> = {
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
  ' ': 'spaces',
};

/** What a share of numbers counts for: it decides only between separators that fit as well, such as the comma in `1,5;2,5`. */
const NUMBERS_COUNT = 1e-6;

/** What people take for tables, by how it begins. */
const FORMATS = [
  { name: 'HTML or XML', begins: /^\s*<[!?a-z]/i },
  { name: 'JSON', begins: /^\s*[[{]\s*["{[\]}]/ },
  { name: 'a pointer of Git LFS (git lfs pull fetches the file)', begins: /^version https:\/\/git-lfs\./ },
  { name: 'ARFF', begins: /^(\s*%[^\n]*\n)*\s*@relation\s/i },
] as const;

/** Lines by which the separator is found. */
const SAMPLE_LINES = 64;

/** What separates the columns, in words; undefined for commas. */
export function separatorInWords(separator: string): string | undefined {
  return NAMES[separator];
}

/**
 * The records of a table with whatever separates its columns: commas, semicolons, tabs, vertical bars or runs of spaces. Lines above
 * it that begin with # or %, and Excel's `sep=;`, are no records. Throws InputFileError for text that no separator makes a table of.
 */
export function readRecords(file: string, content: string | Uint8Array): Records {
  const { text, encoding } =
    typeof content === 'string' ? { text: content, encoding: 'UTF-8' as const } : decodeText(file, content);
  const format = FORMATS.find(({ begins }) => begins.test(text));
  if (format !== undefined)
    throw new InputFileError({ file }, `is ${format.name}, no table of rows`, 'Export the table as CSV, in UTF-8.');
  const { body, comments, told } = withoutPreamble(text);
  const separator = told ?? separatorOf(body);
  const plain = separator === ' ' ? body.replace(/^[ \t]+|[ \t]+$/gm, '').replace(/[ \t]+/g, ' ') : body;
  try {
    const records = split(plain, separator);
    return {
      cells: records.map(({ record }) => record),
      lines: records.map(({ line }) => line),
      separator,
      comments,
      encoding,
    };
  } catch (error) {
    throw new InputFileError(
      { file },
      `is not a CSV table (${error instanceof Error ? error.message : String(error)})`,
      'Separate the columns by commas, semicolons or tabs, and close every quote.',
    );
  }
}

/** Comment lines become empty ones, so that lines keep their numbers. */
function withoutPreamble(text: string): { body: string; comments: string[]; told: string | undefined } {
  const comments: string[] = [];
  let told: string | undefined;
  let at = 0;
  let kept = '';
  for (;;) {
    const line = /^[^\r\n]*(?:\r\n|\r|\n|$)/.exec(text.slice(at, at + 10_000))![0];
    const bare = line.trim();
    const separator =
      /^"?sep=(.)"?$/i.exec(bare)?.[1] ?? (/^sep=$/i.test(line.replace(/[\r\n]/g, '').trimEnd()) ? '\t' : undefined);
    if (separator !== undefined) told = separator;
    else if (/^[#%]/.test(bare)) comments.push(bare.replace(/^[#%]+\s*/, ''));
    else if (bare !== '') break;
    if (line.length === 0) break;
    kept += line.slice(line.trimEnd().length).replace(/^[^\r\n]*/, '');
    at += line.length;
  }
  return { body: kept + text.slice(at), comments, told };
}

/** The separator under which the first lines have the same number of cells, and most; a comma where none is better. */
function separatorOf(body: string): string {
  const sample = body.split(/\r\n|\r|\n/, SAMPLE_LINES).filter((line) => line.trim() !== '');
  let [best, score] = [',', 0];
  for (const separator of [...SEPARATORS, ' ']) {
    const found = consistency(sample, separator);
    if (found > score) [best, score] = [separator, found];
  }
  return best;
}

/**
 * How well a separator fits: 0 where the header has one cell, else the share of the lines that have its number of cells, one more
 * or empty ones more.
 */
function consistency(sample: readonly string[], separator: string): number {
  const lines = separator === ' ' ? sample.map((line) => line.trim().replace(/\s+/g, ' ')) : sample;
  let records: string[][];
  try {
    records = split(lines.join('\n'), separator).map(({ record }) => record);
  } catch {
    return 0;
  }
  const filled = records.map((record) => record.findLastIndex((cell) => cell !== '') + 1);
  const width = Math.max(filled[0] ?? 0, records.length > 1 ? (filled[1] ?? 0) - 1 : 0);
  if (width < 2) return 0;
  const fitting = records.filter((record, i) => record.length >= width && filled[i]! <= width + 1).length;
  // words apart by spaces are rarely columns: only numbers in every line make them so
  if (separator === ' ' && !(fitting === records.length && records.slice(1).some((row) => row.some(isNumber))))
    return 0;
  const cells = records.flat();
  return fitting / records.length + (NUMBERS_COUNT * cells.filter(looksNumeric).length) / cells.length;
}

/** Different cells of a table that are kept once; sensors give few digits, so that most cells of a large table are among them. */
const KNOWN_CELLS = 65_536;

function split(text: string, delimiter: string): { record: string[]; line: number }[] {
  const known = new Map<string, string>();
  const lines: number[] = [];
  const records = parse(text, {
    bom: true,
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
    delimiter,
    // of equal cells one is kept, so that a large table is not as many strings as it has cells
    on_record: (record: string[], context) => {
      for (let k = 0; k < record.length; k += 1) {
        const cell = record[k]!;
        const same = known.get(cell);
        if (same !== undefined) record[k] = same;
        else if (known.size < KNOWN_CELLS) known.set(cell, cell);
      }
      lines.push(context.lines);
      return record;
    },
  });
  return records.map((record, i) => ({ record, line: lines[i]! }));
}
