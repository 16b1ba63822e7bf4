#!/usr/bin/env bash
# npm hyparquet-writer 0.17.0: the type of a column of numbers depends on the numbers, and large whole ones are refused.
# Expected: JavaScript numbers are written as DOUBLE, in every file of a set alike.
# Seen: resistances that happen to be whole are an INT32 column and a shard with one fraction a DOUBLE column, so that two shards of one table
# have different schemas; 3 Gohm is refused ("expected int32 value, got 3000000000"). With type: 'DOUBLE' all are written.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts hyparquet-writer@0.17.0 hyparquet@1.31.0

cat > run.mjs <<'END'
import { parquetMetadata } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';

for (const [data, type] of [[[1000, 2000]], [[1000, 2000.5]], [[1000, 3e9]], [[1000, 3e9], 'DOUBLE']]) {
  let result;
  try {
    const bytes = parquetWriteBuffer({ columnData: [{ name: 'ohms', data, ...(type ? { type } : {}) }] });
    result = parquetMetadata(bytes).schema[1].type;
  } catch (error) {
    result = error.message;
  }
  console.log(`${data.join(', ')}${type ? ` as ${type}` : ''}: ${result}`);
}
END
seen=$(node run.mjs)
expected='1000, 2000: INT32
1000, 2000.5: DOUBLE
1000, 3000000000: parquet expected int32 value, got 3000000000
1000, 3000000000 as DOUBLE: DOUBLE'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
