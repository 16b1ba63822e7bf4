import { unzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { folderOfZip as folderOf, zipOf } from '../src/folder/zip.ts';

const folderOfZip = (name: string, bytes: Uint8Array) => folderOf(name, new Blob([bytes as Uint8Array<ArrayBuffer>]));
const text = (words: string) => new TextEncoder().encode(words);
const CIRCUIT = {
  'netlist.cir': text('* iris\n'.repeat(50)),
  'circuit.json': text('{}'),
  'layout/layout.gds': text('gds'),
};
const files = new Map(Object.entries(CIRCUIT));
const whole = zipOf({ name: 'iris', files });
const stored = zipSync(CIRCUIT, { level: 0 });
const inFolder = (extra: Record<string, Uint8Array>) =>
  zipSync({ ...Object.fromEntries([...files].map(([path, bytes]) => [`iris/${path}`, bytes])), ...extra });

/** A zip in which every size that is said of the first file is another. */
function withSaidSize(bytes: Uint8Array, size: number): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const central = Buffer.from(changed).indexOf('PK\u0001\u0002', 0, 'latin1');
  view.setUint32(22, size, true);
  view.setUint32(central + 24, size, true);
  return changed;
}

function withByte(bytes: Uint8Array, at: number, value: (byte: number) => number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value(changed[at]!);
  return changed;
}

it('a folder that is zipped is the same folder when it is opened, and the same bytes in every time zone', async () => {
  expect(await folderOfZip('x.zip', whole)).toEqual({ name: 'iris', files });
  const zone = process.env.TZ;
  try {
    for (const other of ['America/New_York', 'Asia/Tokyo', 'UTC']) {
      process.env.TZ = other;
      expect(Buffer.compare(zipOf({ name: 'iris', files: new Map([...files].reverse()) }), whole), other).toBe(0);
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
  expect(Object.keys(unzipSync(whole))).toEqual(['iris/circuit.json', 'iris/layout/layout.gds', 'iris/netlist.cir']);
});

it('a folder that was packed without itself takes the name of its zip', async () => {
  expect(await folderOfZip('C:\\circuits\\mine.ZIP', zipSync(CIRCUIT))).toEqual({ name: 'mine', files });
});

it.each<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(0), 'is no zip'],
  ['a table', text('a,b,c\n1,2,3\n'.repeat(20)), 'is no zip'],
  ['half of a zip', whole.subarray(0, whole.length / 2), 'is cut off'],
  ['a byte that flipped', withByte(stored, Buffer.from(stored).indexOf('{}'), (byte) => byte ^ 4), 'is damaged'],
  [
    'a packed byte that flipped',
    withByte(whole, Buffer.from(whole).indexOf('netlist.cir') + 14, (byte) => byte ^ 255),
    'is damaged',
  ],
  ['a size that is not true', withSaidSize(whole, 1), 'is damaged'],
  [
    'a file of another kind of folder',
    zipSync({ 'photos/cat.jpg': text('cat') }),
    'is no compiled circuit: netlist.cir is not in it',
  ],
  ['a netlist alone', zipSync({ 'netlist.cir': text('* x') }), 'is no compiled circuit: circuit.json is not in it'],
  ['a path upwards', inFolder({ '../../evil.sh': text('x') }), 'has a path in it that leads elsewhere'],
  ['a path upwards within', inFolder({ 'iris/../../evil.sh': text('x') }), 'has a path in it that leads elsewhere'],
  ['a path from the root', inFolder({ '/etc/passwd': text('x') }), 'has a path in it that leads elsewhere'],
  ['a path of Windows', inFolder({ 'C:\\evil.bat': text('x') }), 'has a path in it that leads elsewhere'],
  [
    'files beside the folder',
    inFolder({ 'other/file.txt': text('x') }),
    'has files beside the folder iris in it, such as other/file.txt',
  ],
  [
    'very many files',
    inFolder(Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`iris/${i}`, text('')]))),
    'has more than 2000 files',
  ],
  [
    'what says that it unpacks to far more',
    withSaidSize(whole, 300 * 2 ** 20),
    'is larger than 256 MB when it is unpacked',
  ],
  ['more than any circuit', withByte(new Uint8Array(65 * 2 ** 20), 0, () => 80).with(1, 75), 'is larger than 64 MB'],
])('%s is refused with a sentence', async (_, bytes, message) => {
  await expect(folderOfZip('x.zip', bytes)).rejects.toThrow(new RegExp(`^x\\.zip: (${message})`));
});

it('a zip that unpacks to far more than it says is given up, and not unpacked into memory', async () => {
  const bomb = withSaidSize(
    zipSync({ 'iris/netlist.cir': new Uint8Array(64 * 2 ** 20), 'iris/circuit.json': text('{}') }),
    10,
  );
  const before = process.memoryUsage().arrayBuffers;
  await expect(folderOfZip('x.zip', bomb)).rejects.toThrow('x.zip: is damaged');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 2 ** 20);
});
