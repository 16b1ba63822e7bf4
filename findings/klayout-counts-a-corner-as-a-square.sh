#!/usr/bin/env bash
# KLayout 0.28: the resistor extractor of its LVS takes a right-angled corner for a whole square.
# Expected: an L of 4 + 4 squares and a corner has 8.56 squares: current cuts the corner, which counts for 0.56.
# Seen: 9, in the layer's 1 ohm a square; a straight piece of 10 squares is exact. Ten corners are 5 ohms too many; a meander drawn to a value that
# was computed properly fails the comparison, and one drawn to pass it is wrong on paper.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"

cat > extract.py <<'END'
import pya


def ohms(shape, pads):
    layout = pya.Layout()
    cell = layout.create_cell("TOP")
    ink, metal = layout.layer(1, 0), layout.layer(2, 0)
    cell.shapes(ink).insert(shape)
    for pad in pads:
        cell.shapes(metal).insert(pad)
    netlist = pya.LayoutToNetlist(pya.RecursiveShapeIterator(layout, cell, []))
    pad_layer = netlist.make_layer(metal, "metal")
    body = netlist.make_layer(ink, "ink") - pad_layer
    netlist.register(body, "body")
    netlist.extract_devices(pya.DeviceExtractorResistor("RES", 1.0), {"R": body, "C": pad_layer})
    netlist.extract_netlist()
    return next(next(netlist.netlist().each_circuit()).each_device()).parameter("R")


box, point = pya.Box, pya.Point
straight = pya.Polygon(box(0, 0, 12000, 1000))
print("straight, 10 squares:", ohms(straight, [box(0, 0, 1000, 1000), box(11000, 0, 12000, 1000)]), "ohms")
corner = pya.Polygon([point(0, 0), point(0, 1000), point(5000, 1000), point(5000, 6000), point(6000, 6000), point(6000, 0)])
print("4 + 4 squares and a corner:", ohms(corner, [box(0, 0, 1000, 1000), box(5000, 5000, 6000, 6000)]), "ohms")
END
seen=$(klayout -b -r extract.py)
expected='straight, 10 squares: 10.0 ohms
4 + 4 squares and a corner: 9.0 ohms'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
