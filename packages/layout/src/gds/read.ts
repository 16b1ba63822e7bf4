import { InputFileError } from '@neuroprint/core';

/** A point in database units. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a GDSII file draws, every structure at its places: closed outlines and texts by `layer/datatype`, in units of a nanometre. */
export interface Drawn {
  readonly polygons: ReadonlyMap<string, readonly (readonly Point[])[]>;
  readonly texts: ReadonlyMap<string, readonly (Point & { readonly text: string })[]>;
}

interface Structure {
  readonly polygons: { readonly on: string; readonly points: readonly Point[] }[];
  readonly texts: { readonly on: string; readonly at: Point; readonly text: string }[];
  readonly places: { readonly of: string; readonly at: Point }[];
}

/** Elements and places deeper than so many structures are no layout. */
const DEEPEST = 16;
const MOST_POLYGONS = 5_000_000;
const NANOMETRE = 1e-9;

/**
 * Reads a GDSII stream: boundaries, boxes, texts and references without rotation. Everything else (paths, arrays, rotation, magnification,
 * units other than nanometres) is refused with an InputFileError that names the byte.
 */
export function readGds(file: string, bytes: Uint8Array): Drawn {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const structures = new Map<string, Structure>();
  let structure: Structure | undefined;
  let element: { kind: string; layer?: number; type?: number; xy: Point[]; text?: string; of?: string } | undefined;
  let at = 0;
  let ended = false;
  const damaged = (what: string): never => {
    throw new InputFileError(
      { file },
      `byte ${at}: ${what}`,
      'Give a GDSII file of rectangles in nanometres, as `neuroprint layout` writes it.',
    );
  };
  while (!ended) {
    if (at + 4 > bytes.length) damaged(at === 0 ? 'is no GDSII stream: it is empty' : 'the file is cut off');
    const length = view.getUint16(at);
    const kind = bytes[at + 2]!;
    if (at === 0 && kind !== 0) damaged('is no GDSII stream: it does not begin with a header');
    if (length < 4 || length % 2 === 1) damaged(`a record of ${length} bytes`);
    if (at + length > bytes.length) damaged('the file is cut off');
    const body = bytes.subarray(at + 4, at + length);
    const word = (): string => String.fromCharCode(...body).replace(/\0+$/, '');
    const number = (): number => (body.length >= 2 ? view.getInt16(at + 4) : damaged('a record without its number'));
    switch (kind) {
      case 0x00: // header
      case 0x01: // library, with dates
      case 0x02: // its name
      case 0x22: // generations
        break;
      case 0x03: {
        const metres = body.length === 16 ? real(body, 8) : 0;
        if (Math.abs(metres / NANOMETRE - 1) > 1e-9)
          damaged(`a database unit of ${metres} metres, and it must be ${NANOMETRE}`);
        break;
      }
      case 0x04:
        ended = true;
        break;
      case 0x05:
        structure = { polygons: [], texts: [], places: [] };
        break;
      case 0x06:
        if (structure === undefined) damaged('a name without a structure');
        else if (structures.has(word())) damaged(`the structure ${word()} is defined twice`);
        else structures.set(word(), structure);
        break;
      case 0x07:
        structure = undefined;
        break;
      case 0x08:
      case 0x2d:
      case 0x0a:
      case 0x0c:
        if (structure === undefined) damaged('an element outside of every structure');
        element = { kind: kind === 0x0a ? 'place' : kind === 0x0c ? 'text' : 'polygon', xy: [] };
        break;
      case 0x0d:
        if (element !== undefined) element.layer = number();
        break;
      case 0x0e: // data type
      case 0x16: // text type
      case 0x2e: // box type
        if (element !== undefined) element.type = number();
        break;
      case 0x10:
        for (let k = 0; k + 8 <= body.length; k += 8)
          element?.xy.push({ x: view.getInt32(at + 4 + k), y: view.getInt32(at + 8 + k) });
        break;
      case 0x12:
        if (element !== undefined) element.of = word();
        break;
      case 0x19:
        if (element !== undefined) element.text = word();
        break;
      case 0x11:
        if (element === undefined || structure === undefined) damaged('the end of no element');
        else if (element.kind === 'place')
          structure.places.push({ of: element.of ?? '', at: element.xy[0] ?? damaged('a reference without a place') });
        else if (element.kind === 'text')
          structure.texts.push({
            on: `${element.layer}/${element.type}`,
            at: element.xy[0] ?? damaged('a text without a place'),
            text: element.text ?? '',
          });
        else {
          const points = element.xy;
          const [first, last] = [points[0], points.at(-1)];
          if (points.length < 4 || first!.x !== last!.x || first!.y !== last!.y)
            damaged('an outline that is not closed');
          structure.polygons.push({ on: `${element.layer}/${element.type}`, points: points.slice(0, -1) });
        }
        element = undefined;
        break;
      case 0x17: // presentation of a text
      case 0x2b: // properties
      case 0x2c:
      case 0x26: // flags of an element
      case 0x2f:
        break;
      case 0x1a:
        if (number() !== 0) damaged('a mirrored or absolute reference');
        break;
      case 0x1b: // magnification
      case 0x1c: {
        const value = body.length === 8 ? real(body, 0) : Number.NaN;
        if (element?.kind === 'place' && value !== (kind === 0x1b ? 1 : 0)) damaged('a rotated or magnified reference');
        break;
      }
      case 0x09:
        damaged('a path');
        break;
      case 0x0b:
        damaged('an array of references');
        break;
      default:
        damaged(`a record of kind ${kind}`);
    }
    at += length;
  }
  return flattened(structures, file);
}

/** Everything at its place, from the structures that no other refers to. */
function flattened(structures: ReadonlyMap<string, Structure>, file: string): Drawn {
  const polygons = new Map<string, Point[][]>();
  const texts = new Map<string, (Point & { text: string })[]>();
  const referred = new Set([...structures.values()].flatMap(({ places }) => places.map(({ of }) => of)));
  let count = 0;
  const refuse = (what: string): never => {
    throw new InputFileError({ file }, what, 'Give a layout that `neuroprint layout` wrote.');
  };
  const visit = (name: string, dx: number, dy: number, depth: number): void => {
    const structure = structures.get(name) ?? refuse(`refers to the structure ${name}, which it does not define`);
    if (depth > DEEPEST) refuse(`the structure ${name} contains itself, or structures are more than ${DEEPEST} deep`);
    for (const { on, points } of structure.polygons) {
      count += 1;
      if (count > MOST_POLYGONS) refuse(`draws more than ${MOST_POLYGONS} polygons`);
      listIn(polygons, on).push(points.map(({ x, y }) => ({ x: x + dx, y: y + dy })));
    }
    for (const { on, at, text } of structure.texts) listIn(texts, on).push({ x: at.x + dx, y: at.y + dy, text });
    for (const { of, at } of structure.places) visit(of, dx + at.x, dy + at.y, depth + 1);
  };
  const tops = [...structures.keys()].filter((name) => !referred.has(name));
  if (tops.length !== 1) refuse(`has ${tops.length} structures that no other refers to, and a layout has one`);
  visit(tops[0]!, 0, 0, 0);
  return { polygons, texts };
}

function listIn<T>(map: Map<string, T[]>, key: string): T[] {
  let list = map.get(key);
  if (list === undefined) {
    list = [];
    map.set(key, list);
  }
  return list;
}

/** A number of eight bytes: (−1)^sign · fraction · 16^(exponent − 64). */
function real(bytes: Uint8Array, at: number): number {
  const head = bytes[at]!;
  let fraction = 0;
  for (let k = 7; k >= 1; k -= 1) fraction = (fraction + bytes[at + k]!) / 256;
  return (head & 0x80 ? -1 : 1) * fraction * 16 ** ((head & 0x7f) - 64);
}
