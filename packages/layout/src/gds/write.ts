import type { Label, Layout, Shape } from '../layout.ts';
import { METRES_PER_UNIT } from '../process.ts';

/** Record types with the type of their data, as GDSII numbers them. */
const RECORD = {
  header: 0x0002,
  bgnlib: 0x0102,
  libname: 0x0206,
  units: 0x0305,
  endlib: 0x0400,
  bgnstr: 0x0502,
  strname: 0x0606,
  endstr: 0x0700,
  boundary: 0x0800,
  sref: 0x0a00,
  text: 0x0c00,
  layer: 0x0d02,
  datatype: 0x0e02,
  xy: 0x1003,
  endel: 0x1100,
  sname: 0x1206,
  texttype: 0x1602,
  string: 0x1906,
} as const;

/** A date for every date of the format, so that one layout is one file. */
const NO_DATE = [1970, 1, 1, 0, 0, 0];
/** Units of a micrometre, in which programs show the file. */
const USER_UNIT = METRES_PER_UNIT / 1e-6;
/** Longest name of a structure. */
const LONGEST_NAME = 32;

/**
 * A layout as a GDSII stream: a structure for every cell, and one with lines, labels and the cells at their places, which is named after
 * the layout. A net label lies on its layer's datatype plus one; words lie on the title layer.
 */
export function writeGds(layout: Layout): Uint8Array {
  const stream = new Stream();
  const names = namesOf(layout);
  stream.integers(RECORD.header, [600]);
  stream.integers(RECORD.bgnlib, [...NO_DATE, ...NO_DATE]);
  stream.text(RECORD.libname, 'NEUROPRINT');
  stream.reals(RECORD.units, [USER_UNIT, METRES_PER_UNIT]);
  for (const [k, { cell }] of layout.instances.entries())
    structure(stream, names.cells[k]!, () => {
      for (const shape of cell.shapes) rectangle(stream, shape);
    });
  structure(stream, names.top, () => {
    for (const shape of layout.shapes) rectangle(stream, shape);
    for (const [k, { x, y }] of layout.instances.entries()) {
      stream.empty(RECORD.sref);
      stream.text(RECORD.sname, names.cells[k]!);
      stream.longs(RECORD.xy, [x, y]);
      stream.empty(RECORD.endel);
    }
    for (const label of layout.labels) text(stream, label, layout);
  });
  stream.empty(RECORD.endlib);
  return stream.bytes();
}

/** A name as GDSII allows it; that of a layout is the name of its outermost structure. */
export function structureName(name: string): string {
  return name.replace(/[^A-Za-z0-9_$]/g, '_').slice(0, LONGEST_NAME) || '_';
}

/** The names of the structures of a layout's file. */
function namesOf({ name, instances }: Pick<Layout, 'name' | 'instances'>): { top: string; cells: string[] } {
  const top = structureName(name);
  const used = new Set([top]);
  const unique = (wanted: string): string => {
    const plain = structureName(wanted);
    let found = plain;
    for (let k = 2; used.has(found); k += 1) found = `${plain.slice(0, LONGEST_NAME - 6)}_${k}`;
    used.add(found);
    return found;
  };
  return { top, cells: instances.map(({ cell }) => unique(cell.name)) };
}

function structure(stream: Stream, name: string, body: () => void): void {
  stream.integers(RECORD.bgnstr, [...NO_DATE, ...NO_DATE]);
  stream.text(RECORD.strname, name);
  body();
  stream.empty(RECORD.endstr);
}

function rectangle(stream: Stream, { layer, x1, y1, x2, y2 }: Shape): void {
  stream.empty(RECORD.boundary);
  stream.integers(RECORD.layer, [layer.gds.layer]);
  stream.integers(RECORD.datatype, [layer.gds.datatype]);
  stream.longs(RECORD.xy, [x1, y1, x1, y2, x2, y2, x2, y1, x1, y1]);
  stream.empty(RECORD.endel);
}

function text(stream: Stream, { layer, x, y, text: words }: Label, { process }: Layout): void {
  stream.empty(RECORD.text);
  stream.integers(RECORD.layer, [layer.gds.layer]);
  stream.integers(RECORD.texttype, [layer.gds.datatype + (layer === process.title ? 0 : 1)]);
  stream.longs(RECORD.xy, [Math.floor(x), Math.floor(y)]);
  stream.text(RECORD.string, words);
  stream.empty(RECORD.endel);
}

class Stream {
  #view = new DataView(new ArrayBuffer(1 << 16));
  #length = 0;

  bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer.slice(0, this.#length));
  }

  empty(record: number): void {
    this.#open(record, 0);
  }

  integers(record: number, values: readonly number[]): void {
    let at = this.#open(record, 2 * values.length);
    for (const value of values) {
      this.#view.setInt16(at, value);
      at += 2;
    }
  }

  longs(record: number, values: readonly number[]): void {
    let at = this.#open(record, 4 * values.length);
    for (const value of values) {
      if (value !== (value | 0)) throw new RangeError(`${value} nm is further out than GDSII can say`);
      this.#view.setInt32(at, value);
      at += 4;
    }
  }

  /** Eight bytes each: a sign, an exponent of 16 with 64 added, 56 bits of fraction. */
  reals(record: number, values: readonly number[]): void {
    let at = this.#open(record, 8 * values.length);
    for (const value of values) {
      let exponent = 0;
      let fraction = Math.abs(value);
      while (fraction >= 1) {
        fraction /= 16;
        exponent += 1;
      }
      while (fraction > 0 && fraction < 1 / 16) {
        fraction *= 16;
        exponent -= 1;
      }
      const mantissa = BigInt(Math.round(fraction * 2 ** 53)) << 3n;
      const head = BigInt((value < 0 ? 0x80 : 0) | (exponent + 64));
      this.#view.setBigUint64(at, (head << 56n) | mantissa);
      at += 8;
    }
  }

  /** ASCII, padded to an even length; what is not ASCII becomes `?`. */
  text(record: number, value: string): void {
    const plain = value.replace(/[−–]/g, '-').replace(/[^ -~]/g, '?');
    const at = this.#open(record, plain.length + (plain.length % 2));
    for (let i = 0; i < plain.length; i += 1) this.#view.setUint8(at + i, plain.charCodeAt(i));
  }

  #open(record: number, size: number): number {
    const end = this.#length + 4 + size;
    while (end > this.#view.byteLength) {
      const wider = new Uint8Array(2 * this.#view.byteLength);
      wider.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(wider.buffer);
    }
    this.#view.setUint16(this.#length, 4 + size);
    this.#view.setUint16(this.#length + 2, record);
    const at = this.#length + 4;
    this.#length = end;
    return at;
  }
}
