#!/usr/bin/env bash
# ngspice 39 -b: the exit code of a run whose analyses stand in a .control section is 1 though all went well.
# Expected: 0 when the operating point was found and printed.
# Seen: after the section batch mode looks for an analysis line, finds none, says so and exits with 1. With a second, needless .op line the
# same deck exits with 0. A script that trusts the exit code throws good runs away.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

cat > control.cir <<'END'
control
v1 a 0 1
r1 a 0 1k
.control
op
print v(a)
.endc
.end
END
sed 's/^\.control/.op\n.control/' control.cir > both.cir
run() {
  local code=0
  ngspice -n -b "$1" > log.txt 2>&1 || code=$?
  printf '%s: %s, exit code %s\n' "$1" "$(grep '^v(a)' log.txt)" "$code"
}
seen=$(run control.cir; run both.cir)
expected='control.cir: v(a) = 1.000000e+00, exit code 1
both.cir: v(a) = 1.000000e+00, exit code 0'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
