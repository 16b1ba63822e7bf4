#!/usr/bin/env bash
# ngspice 39: a .save line for every node costs more than the simulation, and four times the nodes cost sixteen times as much.
# Expected: to name the voltages that are wanted makes a run shorter, if it makes a difference.
# Seen: an operating point of a ladder with 16,000 nodes takes a fraction of a second of processor time where everything is kept, and
# more than ten times as long where every node has a .save line of its own. The voltages are the same. Leave .save out, and pick from the raw file.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v ngspice > /dev/null || (apt-get update && apt-get install -y --no-install-recommends ngspice) > install.log 2>&1

ladder() {
  echo 'a ladder'
  echo 'v1 n0 0 1'
  seq 1 "$1" | awk '{ print "ra" $1 " n" ($1 - 1) " n" $1 " 1k\nrb" $1 " n" $1 " 0 1meg" }'
  [ "$2" = named ] && seq 0 "$1" | sed 's/.*/.save v(n&)/'
  printf '.control\nop\nprint v(n9)\n.endc\n.end\n'
}
# processor seconds of ngspice, in hundredths
cost() {
  ladder "$1" "$2" > "$2.cir"
  local TIMEFORMAT='%U'
  { time (ngspice -n -b "$2.cir" > "$2.log" 2>&1 || true); } 2>&1 | awk '{ print int(100 * $1) + 1 }'
}
all=$(cost 16000 all)
named=$(cost 16000 named)
volts=$(grep -h 'v(n9)' all.log named.log | sort -u | wc -l)
printf 'every node kept: %s, every node named: %s hundredths of a second; different answers: %s\n' "$all" "$named" "$((volts - 1))"
seen="$([ "$named" -gt $((4 * all)) ] && echo slower || echo 'no slower'), $volts answer"
if [ "$seen" != 'slower, 1 answer' ]; then
  printf 'changed: %s; expected was slower by more than four times, 1 answer\n' "$seen" >&2
  exit 1
fi
