#!/usr/bin/env bash
# Node 20: v8.serialize gives different bytes for equal objects, so that a hash of them names nothing.
# Expected: two objects that are deeply equal, with the same keys in the same order, are serialised alike; a hash of the bytes is a key of a
# cache or of a job.
# Seen: a number that was once a fraction, or stands in an array that once held one, is written as a double, and the same number elsewhere as an
# integer. Which it is depends on what the process did before. JSON.stringify tells them not apart.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > run.mjs <<'END'
import { isDeepStrictEqual } from 'node:util';
import { serialize } from 'node:v8';

const plain = { copies: 1, rows: [1, 2] };
const moved = { copies: 1.5, rows: [1.5, 2] };
moved.copies = 1;
moved.rows[0] = 1;
console.log(`deeply equal: ${isDeepStrictEqual(plain, moved)}`);
console.log(`same JSON: ${JSON.stringify(plain) === JSON.stringify(moved)}`);
console.log(`same bytes of a number: ${serialize(plain.copies).equals(serialize(moved.copies))}`);
console.log(`same bytes of an array: ${serialize(plain.rows).equals(serialize(moved.rows))}`);
console.log(`same bytes of the object: ${serialize(plain).equals(serialize(moved))}`);
END
seen=$(node run.mjs)
expected='deeply equal: true
same JSON: true
same bytes of a number: true
same bytes of an array: false
same bytes of the object: false'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
