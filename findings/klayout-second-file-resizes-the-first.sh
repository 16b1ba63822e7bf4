#!/usr/bin/env bash
# KLayout 0.28: reading a second GDSII file into a layout changes the size of what was read before.
# Expected: each file states its database unit, so a square of 1 um stays 1 um when a file with another unit is read beside it, or the
# reader refuses.
# Seen: the layout takes the unit of the last file and leaves the numbers of the first: its 1 um square measures 5 um. A test pattern merged into
# a design on a finer grid rescales the design.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"

cat > merge.py <<'END'
import pya


def write(path, cell_name, unit):
    layout = pya.Layout()
    layout.dbu = unit
    cell = layout.create_cell(cell_name)
    cell.shapes(layout.layer(1, 0)).insert(pya.DBox(0, 0, 1, 1))
    layout.write(path)


write("design.gds", "DESIGN", 0.001)
write("pattern.gds", "PATTERN", 0.005)
layout = pya.Layout()
layout.read("design.gds")
print("alone:", layout.cell("DESIGN").dbbox().width(), "um")
layout.read("pattern.gds")
print("with the second file:", layout.cell("DESIGN").dbbox().width(), "um")
END
seen=$(klayout -b -r merge.py)
expected='alone: 1.0 um
with the second file: 5.0 um'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
