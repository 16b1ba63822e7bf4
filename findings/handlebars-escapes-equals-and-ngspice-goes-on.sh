#!/usr/bin/env bash
# npm handlebars 4.7.8 to ngspice 39: an option that passes through {{}} is lost, and the run goes on without it.
# Expected: "temp=37" is in the netlist as it stands (escaping for HTML is about < > & and quotes), or the simulator stops at what it
# cannot read.
# Seen: handlebars writes temp&#x3D;37. For ngspice a semicolon begins a comment, so the option has no value; a line on standard error
# says so, the run goes on at 27 degrees and exits with 0, and a resistor of 1.1 kohm at 37 degrees is one of 1 kohm. Templates of netlists need noEscape: true.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts handlebars@4.7.8

cat > render.mjs <<'END'
import Handlebars from 'handlebars';

const template = 'options\n.options {{options}}\ni1 0 a 1m\nr1 a 0 1k tc1=0.01\n.op\n.end\n';
const noEscape = process.argv[2] === 'plain';
process.stdout.write(Handlebars.compile(template, { noEscape })({ options: 'temp=37' }));
END
simulate() {
  local code=0
  node render.mjs "$1" > "$1.cir"
  ngspice -n -b "$1.cir" > "$1.log" 2> errors.txt || code=$?
  printf '%s: %s V, exit code %s\n' "$(grep options "$1.cir" | tail -n 1)" "$(awk '$1 == "a" && !n++ { print $2 + 0 }' "$1.log")" "$code"
}
seen=$(simulate plain; simulate escaped)
expected='.options temp=37: 1.1 V, exit code 0
.options temp&#x3D;37: 1 V, exit code 0'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
