#!/usr/bin/env bash
# ngspice 39 makes the points of a .dc sweep by adding the step again and again, not by multiplying.
# Expected: a sweep from 0 to 10 V in steps of 0.01 V has the point 5 and ends at 10.
# Seen: it has 1,001 points, but the last is 9.99999999999983, and only 14 of the 1,001 are the number i/100. A lookup of a
# voltage by equality, or a join of two sweeps of different step, finds next to nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > deck.cir <<'END'
sweep
v1 a 0 0
r1 a 0 1k
.control
dc v1 0 10 0.01
write out.raw v(a)
quit 0
.endc
.end
END
ngspice -n -b deck.cir > log.txt 2>&1
cat > count.cjs <<'END'
const raw = require('node:fs').readFileSync('out.raw');
const head = raw.toString('latin1', 0, raw.indexOf('Binary:\n') + 8);
const columns = Number(/No. Variables: (\d+)/.exec(head)[1]);
const points = Number(/No. Points: (\d+)/.exec(head)[1]);
const at = (i) => raw.readDoubleLE(head.length + 8 * columns * i);
let equal = 0;
for (let i = 0; i < points; i += 1) if (at(i) === i / 100) equal += 1;
console.log(`${points} points, ${equal} of them i/100`);
console.log(`the middle is ${at(500)}, the last ${at(points - 1)}`);
END
seen=$(node count.cjs)
expected='1001 points, 14 of them i/100
the middle is 4.999999999999938, the last 9.999999999999831'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
