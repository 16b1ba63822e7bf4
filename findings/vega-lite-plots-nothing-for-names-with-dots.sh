#!/usr/bin/env bash
# npm vega-lite 6.4.3 with vega 6.4.0: a column whose name has a dot or brackets is plotted as nothing.
# Expected: the field "x1.mid" (a node within a subcircuit, as every SPICE names it) is the column of that name, or an error says that there is none.
# Seen: it is read as the property "mid" of "x1": no point is drawn, and what is warned of is an "infinite extent". With a backslash before
# the dot both points are there. The node "v(out)" works as it is, "i[0]" does not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts vega@6.4.0 vega-lite@6.4.3

cat > run.mjs <<'END'
import * as vega from 'vega';
import { compile } from 'vega-lite';

const values = [{ 'x1.mid': 1, 'v(out)': 2, 'i[0]': 3 }, { 'x1.mid': 2, 'v(out)': 4, 'i[0]': 1 }];
for (const field of ['x1.mid', 'x1\\.mid', 'v(out)', 'i[0]']) {
  const warnings = [];
  const logger = { level: () => logger, error: (m) => warnings.push(m), warn: (m) => warnings.push(m), info: () => logger, debug: () => logger };
  const encoding = { x: { field, type: 'quantitative' }, y: { field: 'v(out)', type: 'quantitative' } };
  const { spec } = compile({ data: { values }, mark: 'point', encoding }, { logger });
  const svg = await new vega.View(vega.parse(spec), { renderer: 'none', logger }).toSVG();
  const points = (svg.match(/aria-roledescription="point"/g) ?? []).length;
  console.log(`${field}: ${points} points, ${warnings.length === 0 ? 'no warning' : String(warnings[0]).split(' ', 3).join(' ')}`);
}
END
seen=$(node run.mjs)
expected='x1.mid: 0 points, Infinite extent for
x1\.mid: 2 points, no warning
v(out): 2 points, no warning
i[0]: 0 points, Infinite extent for'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
