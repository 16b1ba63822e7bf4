import { isMissing, numberOf } from './cells.ts';

const COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
/** With a comma these are thousands as well as decimals. */
const EITHER = /^[+-]?[1-9]\d{0,2},\d{3}$/;
const POINTED_THOUSANDS = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

/** As many different texts are kept as they are written; of a column with more, numbers are kept as numbers. */
const MOST_TEXTS = 1024;

/** How the numbers of a column are written, as far as it can be told from the column alone. */
export type DecimalMarks = 'comma' | 'either' | 'pointed thousands' | 'other';

interface Cell {
  readonly record: number;
  readonly text: string;
}

/**
 * The cells of one column while records come in, flat: a code of two bytes a cell as long as they have few different texts, beyond that
 * its number. A cell that nobody set is empty.
 */
export class CellStore {
  readonly #capacity: number;
  /** Text and number by code; code 0 is the empty cell. */
  readonly #texts = [''];
  readonly #values = [Number.NaN];
  readonly #codeOf = new Map([['', 0]]);
  #codes: Uint16Array;
  #numbers: Float64Array | undefined;
  /** 1 where the number of a cell is written with a decimal comma. */
  #commas: Uint8Array | undefined;
  /** What is no number in a column of numbers. */
  readonly #words = new Map<number, string>();
  #firstComma: Cell | undefined;
  #firstPoint: Cell | undefined;
  #isNumeric = true;
  #isEither = true;
  #isPointedThousands = true;

  /** For at most `capacity` records. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#codes = new Uint16Array(capacity);
  }

  /** The cell of a record; setting it again to the same changes nothing. */
  set(record: number, text: string): void {
    if (this.#numbers !== undefined) {
      this.#setNumber(this.#numbers, record, text);
      return;
    }
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      if (this.#texts.length === MOST_TEXTS) {
        this.#setNumber(this.#toNumbers(record), record, text);
        return;
      }
      code = this.#texts.length;
      const value = numberOf(text);
      this.#texts.push(text);
      this.#values.push(value);
      this.#codeOf.set(text, code);
      this.#look(record, text, value);
    }
    this.#codes[record] = code;
  }

  textAt(record: number): string {
    if (this.#numbers === undefined) return this.#texts[this.#codes[record]!]!;
    const value = this.#numbers[record]!;
    if (Number.isNaN(value)) return this.#words.get(record) ?? '';
    return this.#commas?.[record] === 1 ? String(value).replace('.', ',') : String(value);
  }

  numberAt(record: number): number {
    if (this.#numbers === undefined) return this.#values[this.#codes[record]!]!;
    return this.#commas?.[record] === 1 ? Number.NaN : this.#numbers[record]!;
  }

  /** The numbers of records, NaN where there are none; in the memory of the cells where they are numbers there. */
  numbers(first: number, length: number): Float64Array {
    if (this.#numbers !== undefined && this.#commas === undefined) return this.#numbers.subarray(first, first + length);
    return new Float64Array(length).map((_, row) => this.numberAt(first + row));
  }

  /** Whether a word, no number, stands in a cell. */
  holds(word: string): boolean {
    return this.#codeOf.has(word) || [...this.#words.values()].includes(word);
  }

  get decimalMarks(): DecimalMarks {
    if (!this.#isNumeric) return 'other';
    if (this.#firstComma === undefined)
      return this.#firstPoint !== undefined && this.#isPointedThousands ? 'pointed thousands' : 'other';
    if (this.#firstPoint !== undefined) return 'other';
    return this.#isEither ? 'either' : 'comma';
  }

  /** The first cell with a comma among its digits, and the first number with a point. */
  get firstComma(): Cell | undefined {
    return this.#firstComma;
  }
  get firstPoint(): Cell | undefined {
    return this.#firstPoint;
  }

  /** Decimal commas become points. */
  takePoints(): void {
    this.#commas = undefined;
    this.#texts.forEach((text, code) => {
      if (!COMMA.test(text)) return;
      const pointed = text.replace(',', '.');
      this.#texts[code] = pointed;
      this.#values[code] = numberOf(pointed);
    });
  }

  #look(record: number, text: string, value: number): void {
    if (!Number.isNaN(value)) {
      if ((this.#firstPoint !== undefined && !this.#isPointedThousands) || !text.includes('.')) return;
      this.#firstPoint = earlier(this.#firstPoint, { record, text });
      this.#isPointedThousands &&= POINTED_THOUSANDS.test(text);
    } else if (COMMA.test(text)) {
      this.#firstComma = earlier(this.#firstComma, { record, text });
      this.#isEither &&= EITHER.test(text);
    } else if (!isMissing(text)) this.#isNumeric = false;
  }

  #setNumber(numbers: Float64Array, record: number, text: string): void {
    let value = numberOf(text);
    this.#look(record, text, value);
    if (Number.isNaN(value) && text !== '') {
      if (COMMA.test(text)) {
        value = numberOf(text.replace(',', '.'));
        this.#commas ??= new Uint8Array(this.#capacity);
        this.#commas[record] = 1;
      } else this.#words.set(record, text);
    }
    numbers[record] = value;
  }

  /** What was set before `end` becomes numbers and words. */
  #toNumbers(end: number): Float64Array {
    const numbers = new Float64Array(this.#capacity).fill(Number.NaN);
    for (let record = 0; record < end; record += 1) this.#setNumber(numbers, record, this.textAt(record));
    this.#numbers = numbers;
    this.#codeOf.clear();
    this.#texts.length = 0;
    this.#values.length = 0;
    this.#codes = new Uint16Array(0);
    return numbers;
  }
}

function earlier(a: Cell | undefined, b: Cell): Cell {
  return a !== undefined && a.record < b.record ? a : b;
}

/**
 * The cells of a column of a table, by row from 0. Of a column with more than 1,024 different texts numbers are given back as JavaScript
 * writes them, 0.5 for 0.50.
 */
export class TextColumn {
  readonly #cells: CellStore;
  readonly #first: number;
  readonly length: number;

  /** The records from `first` on. */
  constructor(cells: CellStore, first: number, length: number) {
    this.#cells = cells;
    this.#first = first;
    this.length = length;
  }

  textAt(row: number): string {
    return this.#cells.textAt(this.#first + row);
  }

  /** NaN where the cell holds no number. */
  numberAt(row: number): number {
    return this.#cells.numberAt(this.#first + row);
  }

  /** All numbers, NaN where a cell holds none; in the column's own memory where it has them so. */
  numbers(): Float64Array {
    return this.#cells.numbers(this.#first, this.length);
  }

  /** Whether a cell has no value, or one of the marks that mean none. */
  isMissing(row: number, marks: readonly string[] = []): boolean {
    const value = this.numberAt(row);
    return Number.isNaN(value)
      ? isMissing(this.textAt(row), marks)
      : marks.length > 0 && marks.some((mark) => numberOf(mark) === value);
  }

  /** All cells as texts, which takes much more memory than the column. */
  texts(): string[] {
    return Array.from({ length: this.length }, (_, row) => this.textAt(row));
  }
}
