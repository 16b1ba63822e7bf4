#!/usr/bin/env bash
# ngspice 39 does not read a decimal as the double nearest to it.
# Expected: 0.009 in a netlist is the same number as 0.009 in every other program.
# Seen: of the 1,000 voltages 0.001, 0.002 ... 1 that a netlist states, 144 come back one unit in the last place off, in a binary raw file
# that loses nothing. Values that shall be recognised again (row numbers, grid points, keys of a join) have to be rounded first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

for i in $(seq 1 1000); do
  value=$(printf '%d.%03d' $((i / 1000)) $((i % 1000)))
  printf 'v%d n%d 0 %s\n' "$i" "$i" "$value"
done > sources.txt
{
  echo 'decimals'
  cat sources.txt
  printf '.control\nop\nwrite out.raw\nquit 0\n.endc\n.end\n'
} > deck.cir
ngspice -n -b deck.cir > log.txt 2>&1
cat > compare.cjs <<'END'
const fs = require('node:fs');
const stated = new Map(fs.readFileSync('sources.txt', 'utf8').trim().split('\n').map((line) => {
  const [, node, , text] = line.split(' ');
  return [`v(${node})`, text];
}));
const raw = fs.readFileSync('out.raw');
const start = raw.indexOf('Binary:\n') + 8;
const variables = [...raw.toString('latin1', 0, start).matchAll(/^\t(\d+)\t(\S+)\tvoltage$/gm)];
const off = variables.filter(([, index, name]) => raw.readDoubleLE(start + 8 * Number(index)) !== Number(stated.get(name)));
console.log(`${off.length} of ${variables.length} are another number`);
const [, index, name] = off[0];
console.log(`${stated.get(name)} is read as ${raw.readDoubleLE(start + 8 * Number(index))}`);
END
seen=$(node compare.cjs)
expected='144 of 1000 are another number
0.009 is read as 0.009000000000000001'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
