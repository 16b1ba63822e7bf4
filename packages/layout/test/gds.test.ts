import { describe, expect, it } from 'vitest';
import { readGds } from '../src/gds/read.ts';
import { writeGds } from '../src/gds/write.ts';
import { flatShapes, type Layout } from '../src/layout.ts';
import { layOut } from '../src/place/place.ts';
import { egt, randomCircuit } from './example.ts';

const layout = layOut(randomCircuit([2, 2, 2]), egt);

/** Corners of every rectangle of a layer, in any order. */
function corners(layout: Layout, gdsLayer: number): string[] {
  return flatShapes(layout)
    .filter(({ layer }) => layer.gds.layer === gdsLayer)
    .map(({ x1, y1, x2, y2 }) => [x1, y1, x2, y2].join())
    .sort();
}

describe('a GDSII file', () => {
  it('of one layout has the same bytes each time', () => {
    expect(writeGds(layOut(randomCircuit([2, 2, 2]), egt))).toEqual(writeGds(layout));
  });

  it('read back has every rectangle and every label at its place', () => {
    const drawn = readGds('layout.gds', writeGds(layout));
    for (const { gds, role } of layout.process.layers) {
      if (role === 'title') continue;
      const found = (drawn.polygons.get(`${gds.layer}/${gds.datatype}`) ?? []).map((points) => {
        const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
        return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].join();
      });
      expect(found.sort()).toEqual(corners(layout, gds.layer));
    }
    expect(drawn.texts.get('1/1')!.map(({ text }) => text)).toContain('inv_l0_i0');
  });

  const good = Buffer.from(writeGds(layout));
  const changed = (at: number, ...values: number[]): Buffer => {
    const bytes = Buffer.from(good);
    for (const [k, value] of values.entries()) bytes[at + k] = value;
    return bytes;
  };
  const firstBoundary = good.indexOf(Buffer.from([0, 4, 8, 0]));
  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /x\.gds: byte 0: is no GDSII stream: it is empty/],
    ['text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'), /byte 0: is no GDSII stream: it does not begin/],
    ['a file that was cut off', good.subarray(0, good.length - 4), /the file is cut off/],
    ['a record of an odd length', changed(firstBoundary, 0, 5), /a record of 5 bytes/],
    ['a path', changed(firstBoundary, 0, 4, 9), /byte \d+: a path/],
    ['an unknown record', changed(firstBoundary, 0, 4, 0x3f), /a record of kind 63/],
    ['micrometres for nanometres', changed(good.indexOf(Buffer.from([0, 20, 3, 5])) + 12, 0x3c), /a database unit of/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readGds('x.gds', bytes)).toThrow(message);
  });
});
