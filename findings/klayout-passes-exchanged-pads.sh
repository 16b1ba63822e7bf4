#!/usr/bin/env bash
# KLayout 0.28: a layout whose two pads have each other's labels passes LVS.
# Expected: the ports of the netlist are a, b and out; a layout in which the label a lies on the pad of b is another circuit.
# Seen: "clean". Names of nets are hints, and count only where the circuit leaves a choice. same_nets! for every port finds it; with the names in
# capitals, as KLayout itself writes those of the netlist, it finds no such net in the layout and says nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"

cat > draw.py <<'END_OF_DRAW'
import pya

# a - 1 square - out - 4 squares - b: metal on 1/0 with labels on 1/1, ink on 2/0, one micrometre wide
for name, labels in (("good", "ab"), ("exchanged", "ba")):
    layout = pya.Layout()
    top = layout.create_cell("TOP")
    metal, label, ink = layout.layer(1, 0), layout.layer(1, 1), layout.layer(2, 0)
    for box in ((0, 0, 2, 1), (3, 0, 5, 1), (9, 0, 11, 1)):
        top.shapes(metal).insert(pya.DBox(*box))
    for box in ((1, 0, 4, 1), (4, 0, 10, 1)):
        top.shapes(ink).insert(pya.DBox(*box))
    for text, x, y in ((labels[0], 0.5, 0.5), ("out", 4, 0.5), (labels[1], 10.5, 0.5)):
        top.shapes(label).insert(pya.DText(text, x, y))
    layout.write(f"{name}.gds")
END_OF_DRAW
klayout -b -r draw.py
cat > schematic.cir <<'END_OF_SCHEMATIC'
.SUBCKT TOP A B OUT
R1 A OUT 1 RES
R2 OUT B 4 RES
.ENDS
END_OF_SCHEMATIC
cat > check.lvs <<'END_OF_CHECK'
source($input, 'TOP')
report_lvs($input + '.lvsdb')
metal = input(1, 0)
ink = input(2, 0)
connect(metal, labels(1, 1))
extract_devices(resistor('RES', 1), { 'R' => ink - metal, 'C' => ink & metal, 'tA' => metal, 'tB' => metal })
schematic('schematic.cir')
netlist.simplify
schematic.simplify
$ports.to_s.split(',').each { |port| same_nets!('TOP', port, port) }
puts "#{$input}#{$ports ? ", same_nets! #{$ports}" : ''}: #{compare ? 'clean' : 'differs'}"
END_OF_CHECK
seen=$(
  for name in good exchanged; do klayout -b -rd input=$name.gds -r check.lvs; done
  for ports in a,b,out A,B,OUT; do klayout -b -rd input=exchanged.gds -rd ports=$ports -r check.lvs; done
)
expected='good.gds: clean
exchanged.gds: clean
exchanged.gds, same_nets! a,b,out: differs
exchanged.gds, same_nets! A,B,OUT: clean'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
