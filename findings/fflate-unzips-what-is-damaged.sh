#!/usr/bin/env bash
# npm fflate 0.8.3: unzip does not look at the checksum of a file, and gives damaged bytes without a word.
# Expected: a file in a zip whose CRC-32 is not that of its bytes is an error, as it is for unzip, Python and Node's own zlib for gzip.
# Seen: one flipped bit in a stored file, and in a packed one, comes back as if nothing were wrong; Debian's unzip refuses both.
set -euo pipefail
if ! command -v unzip >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -y --no-install-recommends unzip >/dev/null
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts fflate@0.8.3

cat > run.mjs <<'END'
import { writeFileSync } from 'node:fs';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

for (const level of [0, 9]) {
  const zip = zipSync({ 'values.csv': strToU8('a,b\n12,34\n') }, { level });
  // behind the header of 30 bytes and the name: a digit of the file, whether it is stored or packed
  zip[30 + 'values.csv'.length + 6] ^= 1;
  writeFileSync(`level-${level}.zip`, zip);
  console.log(`level ${level}:`, JSON.stringify(strFromU8(unzipSync(zip)['values.csv'])));
}
END
seen=$(
  node run.mjs
  for level in 0 9; do unzip -tqq "level-$level.zip" >/dev/null 2>&1 || echo "unzip refuses level $level"; done
)
expected='level 0: "a,b\n12-34\n"
level 9: "a,b\n16,34\n"
unzip refuses level 0
unzip refuses level 9'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
