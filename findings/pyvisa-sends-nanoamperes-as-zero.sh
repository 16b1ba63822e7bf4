#!/usr/bin/env bash
# python3-pyvisa 1.11.3: values sent to an instrument as text have six decimals, however small they are.
# Expected: write_ascii_values uploads a list of currents or times so that the instrument gets these numbers, to the digits of a float.
# Seen: its default format "f" is that of printf: 2.5e-9 goes out as 0.000000 and 1.5e-6 as 0.000002. No error, and a source meter sweeps 0 A.
# With converter "e" or ".9e" the numbers arrive.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-pyvisa > /dev/null 2>&1 || (apt-get update && apt-get install -y --no-install-recommends python3-pyvisa) > install.log 2>&1

cat > send.py <<'END'
import logging
import pyvisa.util

logging.disable(logging.CRITICAL)
currents = [2.5e-9, 1.5e-6, 0.25]
print("default:", pyvisa.util.to_ascii_block(currents))
print("e:", pyvisa.util.to_ascii_block(currents, "e"))
END
cat > default.py <<'END'
import inspect
from pyvisa.resources import MessageBasedResource

print("write_ascii_values, converter:", inspect.signature(MessageBasedResource.write_ascii_values).parameters["converter"].default)
END
seen=$(/usr/bin/python3 send.py; /usr/bin/python3 default.py)
expected='default: 0.000000,0.000002,0.250000
e: 2.500000e-09,1.500000e-06,2.500000e-01
write_ascii_values, converter: f'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
