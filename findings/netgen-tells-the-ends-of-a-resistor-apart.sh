#!/usr/bin/env bash
# netgen-lvs 1.5.133: a resistor that is drawn the other way round is another circuit, and the exit code does not say so.
# Expected: R1 a b and R1 b a are the same, and a comparison that fails exits with a code other than 0.
# Seen: without a setup file that declares the ends of r interchangeable, one turned resistor gives "Netlists do not match.", with exit
# code 0.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v netgen-lvs > /dev/null || (apt-get update && apt-get install -y --no-install-recommends netgen-lvs) > install.log 2>&1

cat > drawn.spice <<'END'
.subckt net in out gnd
R1 in out 1k
R2 out gnd 1k
.ends
END
sed 's/^R1 in out/R1 out in/' drawn.spice > turned.spice
cp drawn.spice same.spice
compare() {
  local code=0
  netgen-lvs -batch lvs "drawn.spice net" "$1.spice net" nosetup "$1.out" > "$1.log" 2>&1 || code=$?
  printf '%s: %s exit code %s\n' "$1" "$(grep -m 1 -E '^(Circuits match|Netlists do not match)' "$1.out")" "$code"
}
seen=$(compare same; compare turned)
expected='same: Circuits match uniquely. exit code 0
turned: Netlists do not match. exit code 0'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
