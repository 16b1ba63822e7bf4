#!/usr/bin/env bash
# The same two abutting rectangles, shrunk by 5: npm clipper2-ts 2.0.1 opens a slit of 10 between them, KLayout 0.28 does not.
# Expected: offsetting works on the area that is covered; two pieces of one line that touch along an edge are one line.
# Seen: clipper2-ts offsets each path for itself unless the paths are joined by a union first (growing does join them): two pieces. KLayout joins
# first ("merged semantics" is its default): one piece. A compensation of wet ink by shrinking cuts a conductor that was drawn in two pieces.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"
npm install --silent --no-audit --no-fund --ignore-scripts clipper2-ts@2.0.1

cat > run.mjs <<'END'
import { EndType, FillRule, inflatePaths, JoinType, union } from 'clipper2-ts';

const box = (x) => [[x, 0], [x + 100, 0], [x + 100, 100], [x, 100]].map(([px, py]) => ({ x: px, y: py }));
const offset = (paths, by) => inflatePaths(paths, by, JoinType.Miter, EndType.Polygon).length;
const boxes = [box(0), box(100)];
console.log(`clipper2-ts, shrunk: ${offset(boxes, -5)} pieces`);
console.log(`clipper2-ts, grown: ${offset(boxes, 5)} piece`);
console.log(`clipper2-ts, joined and shrunk: ${offset(union(boxes, FillRule.NonZero), -5)} piece`);
END
cat > run.py <<'END'
import pya

region = pya.Region(pya.Box(0, 0, 100, 100))
region.insert(pya.Box(100, 0, 200, 100))
print(f"klayout, shrunk: {region.sized(-5).count()} piece")
END
seen=$(node run.mjs; klayout -b -r run.py)
expected='clipper2-ts, shrunk: 2 pieces
clipper2-ts, grown: 1 piece
clipper2-ts, joined and shrunk: 1 piece
klayout, shrunk: 1 piece'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
