#!/usr/bin/env bash
# Shrinking by half the smallest width, the textbook check of line widths, rejects lines of exactly that width.
# Expected: with a rule of 200, a line of 200 is legal: what is left of it after shrinking by 100 on both sides is its centre line.
# Seen: npm clipper2-ts 2.0.1 leaves nothing of a line of 200, as of one of 198, because a polygon without area is no polygon; 202
# survives. KLayout 0.28's width_check, which measures edges, passes 200 and reports 199.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"
npm install --silent --no-audit --no-fund --ignore-scripts clipper2-ts@2.0.1

cat > run.mjs <<'END'
import { EndType, inflatePaths, JoinType } from 'clipper2-ts';

for (const width of [198, 200, 202]) {
  const line = [[0, 0], [width, 0], [width, 1000], [0, 1000]].map(([x, y]) => ({ x, y }));
  const left = inflatePaths([line], -100, JoinType.Miter, EndType.Polygon).length;
  console.log(`eroded, ${width}: ${left === 0 ? 'nothing left' : 'survives'}`);
}
END
cat > run.py <<'END'
import pya

for width in (199, 200):
    found = pya.Region(pya.Box(0, 0, width, 1000)).width_check(200).count()
    print(f"width_check, {width}: {'too narrow' if found else 'legal'}")
END
seen=$(node run.mjs; klayout -b -r run.py)
expected='eroded, 198: nothing left
eroded, 200: nothing left
eroded, 202: survives
width_check, 199: too narrow
width_check, 200: legal'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
