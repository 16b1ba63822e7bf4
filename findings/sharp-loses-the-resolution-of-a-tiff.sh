#!/usr/bin/env bash
# npm sharp 0.34.3: a print bitmap that is read and written again has another size on paper.
# Expected: a TIFF of 25 by 12.5 pixels a millimetre keeps both numbers through sharp(...).tiff(), at least with keepMetadata(), and metadata()
# tells both.
# Seen: metadata().density is one number, 635, that of the x axis. Written again, with keepMetadata() or without, the file says 25.4 dots
# an inch on both axes, 1 pixel a millimetre: 25 times the width. xres and yres have to be given again.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts sharp@0.34.3

cat > run.mjs <<'END'
import sharp from 'sharp';

/** Pixels a millimetre across and down, from the tags 282, 283 and 296 of a little-endian TIFF. */
function resolution(bytes) {
  const directory = bytes.readUInt32LE(4);
  const tags = new Map();
  for (let i = 0; i < bytes.readUInt16LE(directory); i += 1) {
    const at = directory + 2 + 12 * i;
    tags.set(bytes.readUInt16LE(at), at + 8);
  }
  const millimetres = bytes.readUInt16LE(tags.get(296)) === 3 ? 10 : 25.4;
  return [282, 283].map((tag) => {
    const at = bytes.readUInt32LE(tags.get(tag));
    return Number((bytes.readUInt32LE(at) / bytes.readUInt32LE(at + 4) / millimetres).toFixed(3));
  });
}
const pixels = { raw: { width: 2, height: 2, channels: 1 } };
const first = await sharp(Buffer.from([0, 255, 255, 0]), pixels).tiff({ xres: 25, yres: 12.5 }).toBuffer();
console.log(`written: ${resolution(first).join(' by ')} pixels a mm`);
console.log(`metadata: density ${(await sharp(first).metadata()).density}`);
console.log(`again: ${resolution(await sharp(first).tiff().toBuffer()).join(' by ')}`);
console.log(`again, keepMetadata: ${resolution(await sharp(first).keepMetadata().tiff().toBuffer()).join(' by ')}`);
END
seen=$(node run.mjs)
expected='written: 25 by 12.5 pixels a mm
metadata: density 635
again: 1 by 1
again, keepMetadata: 1 by 1'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
