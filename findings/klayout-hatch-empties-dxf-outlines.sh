#!/usr/bin/env bash
# ezdxf 0.18 to KLayout 0.28: one HATCH anywhere in a DXF file turns every closed outline of the file into a line of no width.
# Expected: a closed polyline is the same shape whatever else the drawing holds.
# Seen: a square drawn as a closed polyline is read as a polygon of 1 um2; with a hatch drawn elsewhere in the file it is read as a path of width
# zero, area 0, and what is printed of it is nothing. KLayout's default reads "auto": with hatches in the file, polylines are lines.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
dpkg -s python3-ezdxf > /dev/null 2>&1 || (apt-get update && apt-get install -y --no-install-recommends python3-ezdxf) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"

cat > draw.py <<'END'
import ezdxf

for name, hatched in (("outline", False), ("hatched", True)):
    drawing = ezdxf.new("R2010")
    space = drawing.modelspace()
    space.add_lwpolyline([(0, 0), (1, 0), (1, 1), (0, 1)], close=True)
    if hatched:
        space.add_hatch().paths.add_polyline_path([(5, 0), (6, 0), (6, 1), (5, 1)], is_closed=True)
    drawing.saveas(f"{name}.dxf")
END
/usr/bin/python3 draw.py
cat > read.py <<'END'
import pya

for name in ("outline", "hatched"):
    layout = pya.Layout()
    layout.read(f"{name}.dxf")
    for shape in layout.top_cell().shapes(layout.layer_indexes()[0]).each():
        if shape.dbbox().left < 2:
            print(f"{name}: {'path' if shape.is_path() else 'polygon'}, area {shape.darea():g} um2")
END
seen=$(klayout -b -r read.py)
expected='outline: polygon, area 1 um2
hatched: path, area 0 um2'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
