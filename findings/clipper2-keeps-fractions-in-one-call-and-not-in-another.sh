#!/usr/bin/env bash
# npm clipper2-ts 2.0.1: the functions for whole-number paths take fractions, and what they do with them depends on the function.
# Expected: the integer side of the library (union, inflatePaths; the fractional side has names in D) rounds to whole numbers, refuses
# fractions, or keeps them: one of the three.
# Seen: union gives a corner at 0.25 back as 0.25; inflatePaths by 1.3 moves the same edge from 0.25 to -1, not to -1.05. No error in
# either: a layout in micrometres goes through booleans unharmed and is snapped to whole micrometres by the first offset.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts clipper2-ts@2.0.1

cat > run.mjs <<'END'
import { EndType, FillRule, inflatePaths, JoinType, union } from 'clipper2-ts';

const box = [[0.25, 0.25], [10.75, 0.25], [10.75, 10.25], [0.25, 10.25]].map(([x, y]) => ({ x, y }));
const left = (paths) => Math.min(...paths[0].map(({ x }) => x));
console.log(`union: ${left(union([box], FillRule.NonZero))}`);
console.log(`inflated by 1.3: ${left(inflatePaths([box], 1.3, JoinType.Miter, EndType.Polygon))}`);
END
seen=$(node run.mjs)
expected='union: 0.25
inflated by 1.3: -1'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
