/** Rows from the top, 1 where a pixel is black. Written from the formats' descriptions, for tests: knows nothing of the writers. */
interface Picture {
  readonly pixels: number[][];
}

function bitsOf(bytes: Buffer, count: number): number[] {
  return Array.from({ length: count }, (_, k) => (bytes[k >> 3]! >> (7 - (k % 8))) & 1);
}

/** A BMP of one bit a pixel with a BITMAPINFOHEADER. */
export function readBmp(file: Buffer): Picture & { perMetre: number[] } {
  if (file.toString('latin1', 0, 2) !== 'BM' || file.readUInt32LE(2) !== file.length) throw new Error('no BMP');
  if (file.readUInt32LE(14) !== 40 || file.readUInt16LE(28) !== 1 || file.readUInt32LE(30) !== 0)
    throw new Error('no plain BMP of one bit');
  const [start, width, height] = [file.readUInt32LE(10), file.readInt32LE(18), file.readInt32LE(22)];
  const colours = [file.readUInt32LE(54), file.readUInt32LE(58)];
  const rowBytes = Math.floor((width + 31) / 32) * 4;
  if (start + rowBytes * height !== file.length) throw new Error('the file has another size');
  const pixels = Array.from({ length: height }, (_, row) =>
    bitsOf(file.subarray(start + (height - 1 - row) * rowBytes), width).map((bit) => (colours[bit] === 0 ? 1 : 0)),
  );
  return { pixels, perMetre: [file.readInt32LE(38), file.readInt32LE(42)] };
}

/** A little-endian TIFF of one bit a pixel in PackBits strips. */
export function readTiff(file: Buffer): Picture & { perInch: number[] } {
  if (file.toString('latin1', 0, 2) !== 'II' || file.readUInt16LE(2) !== 42) throw new Error('no TIFF');
  const directory = file.readUInt32LE(4);
  if (directory % 2 !== 0) throw new Error('the directory begins at an odd byte');
  const tags = new Map<number, number[]>();
  let previous = 0;
  for (let k = 0; k < file.readUInt16LE(directory); k += 1) {
    const at = directory + 2 + 12 * k;
    const [tag, type, count] = [file.readUInt16LE(at), file.readUInt16LE(at + 2), file.readUInt32LE(at + 4)];
    if (tag <= previous) throw new Error('tags are out of order');
    previous = tag;
    const bytes = { 3: 2, 4: 4, 5: 8 }[type]!;
    const from = bytes * count > 4 ? file.readUInt32LE(at + 8) : at + 8;
    const value = (place: number): number =>
      type === 3
        ? file.readUInt16LE(place)
        : type === 4
          ? file.readUInt32LE(place)
          : file.readUInt32LE(place) / file.readUInt32LE(place + 4);
    tags.set(
      tag,
      Array.from({ length: count }, (_, n) => value(from + n * bytes)),
    );
  }
  const one = (tag: number): number => tags.get(tag)![0]!;
  if (one(258) !== 1 || one(259) !== 32773 || one(262) !== 0 || one(277) !== 1 || one(296) !== 2)
    throw new Error('no white-is-zero TIFF of one bit in PackBits');
  const [width, height, perStrip] = [one(256), one(257), one(278)];
  const rowBytes = Math.ceil(width / 8);
  const pixels: number[][] = [];
  for (const [strip, offset] of tags.get(273)!.entries()) {
    const out: number[] = [];
    const end = offset + tags.get(279)![strip]!;
    for (let at = offset; at < end; ) {
      const n = file.readInt8(at);
      at += 1;
      if (n >= 0) {
        out.push(...file.subarray(at, at + n + 1));
        at += n + 1;
      } else if (n > -128) {
        out.push(...Array<number>(1 - n).fill(file[at]!));
        at += 1;
      }
    }
    const rows = Math.min(perStrip, height - strip * perStrip);
    if (out.length !== rows * rowBytes) throw new Error(`strip ${strip} has ${out.length} bytes`);
    for (let row = 0; row < rows; row += 1)
      pixels.push(bitsOf(Buffer.from(out.slice(row * rowBytes, (row + 1) * rowBytes)), width));
  }
  if (pixels.length !== height) throw new Error('rows are missing');
  return { pixels, perInch: [one(282), one(283)] };
}
