#!/usr/bin/env bash
# npm ml-levenberg-marquardt 5.1.0: a fit of small numbers returns the initial values after no step.
# Expected: a straight line through six exact points is found whatever their unit.
# Seen: in microamperes the fit finds slope 2 and offset 1; the same points in amperes come back as they went in, after 0 iterations, because
# errorTolerance (0.01 by default) is compared with the sum of squares itself and 1e-11 is below it before the first step. With
# errorTolerance 0 both are found.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts ml-levenberg-marquardt@5.1.0

cat > run.mjs <<'END'
import { levenbergMarquardt } from 'ml-levenberg-marquardt';

const x = [0, 1, 2, 3, 4, 5];
function fit(unit, options) {
  const y = x.map((volts) => (2 * volts + 1) * unit);
  const line = ([slope, offset]) => (volts) => slope * volts + offset;
  const { parameterValues, iterations } = levenbergMarquardt({ x, y }, line, { initialValues: [unit, 0], ...options });
  return `${parameterValues.map((value) => (value / unit).toFixed(2)).join(', ')}${iterations === 0 ? ' after 0 iterations' : ''}`;
}
console.log(`microamperes: ${fit(1, {})}`);
console.log(`amperes: ${fit(1e-6, {})}`);
console.log(`amperes, errorTolerance 0: ${fit(1e-6, { errorTolerance: 0 })}`);
END
seen=$(node run.mjs)
expected='microamperes: 2.00, 1.00
amperes: 1.00, 0.00 after 0 iterations
amperes, errorTolerance 0: 2.00, 1.00'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
