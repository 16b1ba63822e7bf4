#!/usr/bin/env bash
# KLayout 0.28: a path whose width is an odd number of database units becomes a polygon one unit wider.
# Expected: a line of width 5 has an outline of width 5.
# Seen: 6, and 8 for 7: half the width is rounded up on both sides. The gap beside the line shrinks by one unit.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"

cat > width.py <<'END'
import pya

for width in (4, 5, 6, 7):
    outline = pya.Path([pya.Point(0, 0), pya.Point(100, 0)], width).polygon()
    print(f"path of width {width}: outline of width {outline.bbox().height()}")
END
seen=$(klayout -b -r width.py)
expected='path of width 4: outline of width 4
path of width 5: outline of width 6
path of width 6: outline of width 6
path of width 7: outline of width 8'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
