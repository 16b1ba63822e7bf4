#!/usr/bin/env bash
# KLayout 0.28: the polygon of a gap violation is larger than the place where two edges face each other, so `inside` drops it.
# Expected: two electrodes 9.9 µm apart, the rule being 10 µm in the channel only, on layer 2: space(10.um).polygons.inside(channel) is 1 violation.
# Seen: 0, because one electrode's edge goes on beyond the channel, and space measures as the crow flies: 1.4 µm of that edge belong to the
# violation too. With `projection` it is 1. Where both electrodes end at once, either finds it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v klayout > /dev/null || (apt-get update && apt-get install -y --no-install-recommends klayout) > install.log 2>&1
export QT_QPA_PLATFORM=offscreen HOME="$work"

cat > draw.py <<'END_OF_DRAW'
import pya

# two electrodes on 1/0 beside a channel on 2/0 that covers the right one's whole height; the left one goes on below
for name, foot in (("longer", -50), ("equal", 0)):
    layout = pya.Layout()
    top = layout.create_cell("TOP")
    metal, channel = layout.layer(1, 0), layout.layer(2, 0)
    top.shapes(metal).insert(pya.DBox(0, foot, 20, 100))
    top.shapes(metal).insert(pya.DBox(29.9, 0, 50, 100))
    top.shapes(channel).insert(pya.DBox(10, 0, 40, 100))
    layout.write(f"{name}.gds")
END_OF_DRAW
klayout -b -r draw.py
cat > check.drc <<'END_OF_CHECK'
source($input)
report('gaps', 'gaps.lyrdb')
metal, channel = input(1, 0), input(2, 0)
[['as the crow flies', metal.space(10.um)], ['projection', metal.space(10.um, projection)]].each do |name, found|
  puts "#{$input} #{name}: #{found.count} violation, #{found.polygons.inside(channel).count} inside the channel"
end
END_OF_CHECK
for name in longer equal; do klayout -b -rd "input=$name.gds" -r check.drc; done | tee seen.txt
diff seen.txt - <<'END_OF_SEEN'
longer.gds as the crow flies: 1 violation, 0 inside the channel
longer.gds projection: 1 violation, 1 inside the channel
equal.gds as the crow flies: 1 violation, 1 inside the channel
equal.gds projection: 1 violation, 1 inside the channel
END_OF_SEEN
