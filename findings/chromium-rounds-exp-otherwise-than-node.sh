#!/usr/bin/env bash
# Chromium 156 and Node 20 to 26: Math.exp, Math.log and most other functions of Math differ in the last bit.
# Expected: the same JavaScript gives the same numbers in a page and in Node, which have the same engine, V8; on one machine at least.
# Seen: Chromium's V8 rounds about a tenth of all exponentials and a twentieth of all logarithms to the other neighbour, tanh and log1p now
# and then. Only sqrt and squares agree. A calculation that goes on for long, such as a training, ends elsewhere.
set -euo pipefail
if ! command -v chromium >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -y --no-install-recommends chromium >/dev/null
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat > run.mjs <<'END'
import { chromium } from 'playwright-core';

const values = (name) =>
  Array.from({ length: 100_000 }, (_, i) => {
    const x = (i + 1) * Math.SQRT2 * 1e-4;
    return name === 'x ** 2' ? x ** 2 : name === 'x ** 1.7' ? x ** 1.7 : Math[name](x);
  });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
for (const name of ['exp', 'log', 'sin', 'cos', 'tanh', 'log1p', 'x ** 1.7', 'x ** 2', 'sqrt']) {
  const here = values(name);
  const there = await page.evaluate(values, name);
  const others = here.filter((value, i) => value !== there[i]).length;
  console.error(`${name}: ${others} of ${here.length}`);
  console.log(`${name}: ${others > 0 ? 'differs' : 'agrees'}`);
}
await browser.close();
END
seen=$(node run.mjs)
expected='exp: differs
log: differs
sin: differs
cos: differs
tanh: differs
log1p: differs
x ** 1.7: differs
x ** 2: agrees
sqrt: agrees'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
