#!/usr/bin/env bash
# npm csv-parse 7.0.3: with cast: true, a hexadecimal or binary number becomes 0.
# Expected: 0x1F is 31 (as Number has it) or stays a text (as 1e999, 1_000 and Infinity do).
# Seen: it is 0: the text is found to be a number by one function and read by another, which stops at the x. Codes of a converter or a
# logic analyser, exported in hexadecimal, are a column of zeros.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts csv-parse@7.0.3

cat > run.mjs <<'END'
import { parse } from 'csv-parse/sync';

console.log(JSON.stringify(parse('31,0x1F,0b11,1_000,1e3', { cast: true })));
END
seen=$(node run.mjs)
expected='[[31,0,0,"1_000",1000]]'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
