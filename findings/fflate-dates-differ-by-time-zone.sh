#!/usr/bin/env bash
# npm fflate 0.8.3: the same files with the same fixed date make another zip in every time zone, or none.
# Expected: with `mtime` given as a moment (a number or an ISO date), which is how one makes zips reproducible, the bytes are the same on every machine.
# Seen: the moment becomes local time, since that is what a zip has, so the bytes depend on TZ; and the earliest date that a zip can have,
# 1980-01-01T00:00:00Z, is refused west of Greenwich. `new Date(1980, 0, 1)`, made of local parts, is the same everywhere.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts fflate@0.8.3

cat > run.mjs <<'END'
import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';

function made(mtime) {
  try {
    return createHash('sha256').update(zipSync({ a: new Uint8Array(3) }, { mtime })).digest('hex').slice(0, 8);
  } catch (error) {
    return error.message;
  }
}
console.log(made('2000-01-01T00:00:00Z'), '|', made('1980-01-01T00:00:00Z'), '|', made(new Date(1980, 0, 1)));
END
seen=$(for zone in UTC America/New_York Asia/Tokyo; do TZ=$zone node run.mjs; done)
expected='0be3c0d4 | 5f7d5d18 | 5f7d5d18
e12b4cc8 | date not in range 1980-2099 | 5f7d5d18
7d1e4a05 | 98a3bf34 | 5f7d5d18'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
