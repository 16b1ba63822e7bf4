#!/usr/bin/env bash
# npm ml-levenberg-marquardt 5.1.0: points with weights other than 1 are not fitted.
# Expected: only the ratios of weights matter; all weights 2 give the fit that all weights 1 give, and no weight moves an exact fit.
# Seen: four exact points of a line: with weights 1 the line is found; with all weights 2, or with one of four at 2, the initial values come back
# after all 100 iterations, without an error; with all weights 0.1 the fit has hardly moved by then.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ml-levenberg-marquardt@5.1.0

cat > run.mjs <<'END'
import { levenbergMarquardt } from 'ml-levenberg-marquardt';

const x = [0, 1, 2, 3];
const y = [1, 3, 5, 7];
for (const weights of [[1, 1, 1, 1], [2, 2, 2, 2], [1, 1, 1, 2], [0.1, 0.1, 0.1, 0.1]]) {
  const line = ([slope, offset]) => (at) => slope * at + offset;
  const { parameterValues } = levenbergMarquardt({ x, y }, line, { initialValues: [1, 0], weights, maxIterations: 100 });
  console.log(`weights ${weights.join(' ')}: ${parameterValues.map((value) => value.toFixed(3)).join(', ')}`);
}
END
seen=$(node run.mjs)
expected='weights 1 1 1 1: 2.000, 1.000
weights 2 2 2 2: 1.000, 0.000
weights 1 1 1 2: 1.000, 0.000
weights 0.1 0.1 0.1 0.1: 1.010, 0.010'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
