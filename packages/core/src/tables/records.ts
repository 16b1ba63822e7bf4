import { CsvError, parse } from '#csv';
import { InputFileError } from '../files/errors.ts';
import { isNumber, looksNumeric } from './cells.ts';
import { type DecodedText, type Parts, textBlocks } from './decode-text.ts';
import { CellStore } from './text-column.ts';

/** Cells of a file before anybody knows what they are; whoever reads it may still find that the first record names the columns. */
export interface Records {
  readonly count: number;
  readonly first: readonly string[];
  /** The cells of all records but the first, by column; as many columns as the longest record has cells. */
  readonly columns: readonly CellStore[];
  /** How many cells each record has, and how many up to the last one that is not empty. */
  readonly widths: Int32Array;
  readonly filled: Int32Array;
  /** The line of each record in the file, from 1, as editors show it. */
  readonly lines: Int32Array;
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
 * it that begin with # or %, and Excel's `sep=;`, are no records. The text is decoded and split block by block, so that beside the file
 * only the flat columns are in memory. Throws InputFileError for text that no separator makes a table of.
 */
export function readRecords(file: string, content: string | Uint8Array | Parts, blockLength = BLOCK_LENGTH): Records {
  const parts = content instanceof Uint8Array ? () => cut(content, blockLength) : content;
  const { blocks, encoding } = textBlocks(file, parts, blockLength);
  let text = blocks.next().value ?? '';
  let head = withoutPreamble(text);
  // comments may be longer than a block
  while (head.body.trim() === '') {
    const more = longer(text, blocks);
    if (more === undefined) break;
    text = more;
    head = withoutPreamble(text);
  }
  const format = FORMATS.find(({ begins }) => begins.test(text));
  if (format !== undefined)
    throw new InputFileError({ file }, `is ${format.name}, no table of rows`, 'Export the table as CSV, in UTF-8.');
  const { body, comments, told } = head;
  const separator = told ?? separatorOf(body);
  const store = new RecordStore(mostRecords(parts));
  try {
    splitBlocks(body, blocks, separator, store);
  } catch (error) {
    throw new InputFileError(
      { file },
      `is not a CSV table (${error instanceof Error ? error.message : String(error)})`,
      'Separate the columns by commas, semicolons or tabs, and close every quote.',
    );
  }
  return { ...store.records(), separator, comments, encoding };
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
  const records: string[][] = [];
  try {
    split(sample.join('\n'), separator, (cells) => records.push(cells));
  } catch {
    return 0;
  }
  const filled = records.map(lastFilled);
  const width = Math.max(filled[0] ?? 0, records.length > 1 ? (filled[1] ?? 0) - 1 : 0);
  if (width < 2) return 0;
  const fitting = records.filter((record, i) => record.length >= width && filled[i]! <= width + 1).length;
  // words apart by spaces are rarely columns: only numbers in every line make them so
  if (separator === ' ' && !(fitting === records.length && records.slice(1).some((row) => row.some(isNumber))))
    return 0;
  const cells = records.flat();
  return fitting / records.length + (NUMBERS_COUNT * cells.filter(looksNumeric).length) / cells.length;
}

/** What a block of lines holds, in characters or bytes: little beside the columns, and much more than a line. */
const BLOCK_LENGTH = 2 ** 16;

/** Splits the text and the blocks after it into records, one block after the other. */
function splitBlocks(body: string, blocks: Iterator<string>, separator: string, store: RecordStore): void {
  let text = body;
  let linesBefore = 0;
  for (;;) {
    const start = store.count;
    try {
      split(text, separator, (cells, line) => store.add(cells, linesBefore + line));
    } catch (error) {
      // a block may end within quotes
      const more =
        error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED' ? longer(text, blocks) : undefined;
      if (more === undefined) throw linesBefore === 0 ? error : withLinesBefore(error, linesBefore);
      store.count = start;
      text = more;
      continue;
    }
    const next = blocks.next();
    if (next.done === true) return;
    linesBefore += countLines(text);
    text = next.value;
  }
}

/** The text with as much of the blocks after it; undefined where there is none. */
function longer(text: string, blocks: Iterator<string>): string | undefined {
  let more = '';
  while (more.length <= text.length) {
    const next = blocks.next();
    if (next.done === true) break;
    more += next.value;
  }
  return more === '' ? undefined : text + more;
}

/** The parser counts lines from the start of its block. */
function withLinesBefore(error: unknown, lines: number): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(message.replace(/\bat line (\d+)/, (_, line: string) => `at line ${lines + Number(line)}`));
}

function* cut(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** No record is without a line of its own. */
function mostRecords(content: string | Parts): number {
  let lines = 1;
  for (const part of typeof content === 'string' ? [content] : content()) lines += countLines(part);
  return lines;
}

/** How many lines end in a text, or at most so many in bytes of any encoding. */
function countLines(content: string | Uint8Array): number {
  const at = typeof content === 'string' ? (i: number) => content.charCodeAt(i) : (i: number) => content[i];
  let lines = 0;
  for (let i = 0; i < content.length; i += 1) {
    const code = at(i);
    if (code === 10 || (code === 13 && at(i + 1) !== 10)) lines += 1;
  }
  return lines;
}

/** Gathers records, at most as many as it is made for. */
class RecordStore {
  count = 0;
  #first: readonly string[] = [];
  readonly #columns: CellStore[] = [];
  readonly #widths: Int32Array;
  readonly #filled: Int32Array;
  readonly #lines: Int32Array;

  constructor(capacity: number) {
    this.#widths = new Int32Array(capacity);
    this.#filled = new Int32Array(capacity);
    this.#lines = new Int32Array(capacity);
  }

  add(cells: readonly string[], line: number): void {
    while (this.#columns.length < cells.length) this.#columns.push(new CellStore(this.#lines.length));
    if (this.count === 0) this.#first = cells;
    else for (let k = 0; k < cells.length; k += 1) this.#columns[k]!.set(this.count, cells[k]!);
    this.#widths[this.count] = cells.length;
    this.#filled[this.count] = lastFilled(cells);
    this.#lines[this.count] = line;
    this.count += 1;
  }

  records(): Pick<Records, 'count' | 'first' | 'columns' | 'widths' | 'filled' | 'lines'> {
    const [widths, filled, lines] = [this.#widths, this.#filled, this.#lines].map((of) => of.subarray(0, this.count));
    return {
      count: this.count,
      first: this.#first,
      columns: this.#columns,
      widths: widths!,
      filled: filled!,
      lines: lines!,
    };
  }
}

/** How many cells there are up to the last one that is not empty. */
export function lastFilled(cells: readonly string[]): number {
  return cells.findLastIndex((cell) => cell !== '') + 1;
}

/** Records whose columns stood as rows; their lines are then numbers of columns. Throws InputFileError for lines of other lengths. */
export function turnedRecords(file: string, records: Records): Records {
  const { count, first, columns, widths, filled, lines, ...others } = records;
  const width = filled.reduce((most, cells) => Math.max(most, cells), 0);
  const ragged = widths.findIndex((cells) => cells < width);
  if (ragged >= 0)
    throw new InputFileError(
      { file, row: lines[ragged]! },
      `has ${widths[ragged]!} cells, and others have ${width}`,
      'Give every line as many cells.',
    );
  const store = new RecordStore(width);
  for (let k = 0; k < width; k += 1)
    store.add(
      Array.from({ length: count }, (_, record) => (record === 0 ? first[k]! : columns[k]!.textAt(record))),
      k + 1,
    );
  return { ...store.records(), ...others };
}

/** Calls `take` with the cells of each record, and the line in the text at which it ends. */
function split(text: string, delimiter: string, take: (cells: string[], line: number) => void): void {
  const plain = delimiter === ' ' ? text.replace(/^[ \t]+|[ \t]+$/gm, '').replace(/[ \t]+/g, ' ') : text;
  parse(plain, {
    bom: true,
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    delimiter,
    on_record: (record: string[], context) => {
      take(record, context.lines);
      return null;
    },
  });
}
