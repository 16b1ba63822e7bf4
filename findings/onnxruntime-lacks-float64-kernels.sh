#!/usr/bin/env bash
# npm onnxruntime-node 1.27.0: a model in double precision that the ONNX checker passes may have no kernel, by operator.
# Expected: ONNX allows double for these activations, the checker of python3-onnx 1.12 (Debian 12) agrees, and what runs in float runs in double.
# Seen: Tanh, Sigmoid, Relu, Exp and Log run in both; Elu, Selu, LeakyRelu, Softplus, Softsign, Erf and Atan run in float only, and a
# session of the double model is refused ("Could not find an implementation"). A surrogate in float64 has to keep to the first five.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-onnx > /dev/null 2>&1 || (apt-get update && apt-get install -y --no-install-recommends python3-onnx) > install.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.27.0

cat > models.py <<'END'
import onnx
from onnx import TensorProto, helper

for name in "Tanh Sigmoid Relu Exp Log Elu Selu LeakyRelu Softplus Softsign Erf Atan".split():
    for kind in ("FLOAT", "DOUBLE"):
        element = getattr(TensorProto, kind)
        values = [helper.make_tensor_value_info(port, element, [1, 2]) for port in ("x", "y")]
        graph = helper.make_graph([helper.make_node(name, ["x"], ["y"])], name, values[:1], values[1:])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
        model.ir_version = 7
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, f"{name}-{kind}.onnx")
END
/usr/bin/python3 models.py
cat > run.mjs <<'END'
import { readdirSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const runs = { FLOAT: [], DOUBLE: [] };
for (const file of readdirSync('.').filter((name) => name.endsWith('.onnx')).sort()) {
  const [operator, kind] = file.replace('.onnx', '').split('-');
  const x = kind === 'FLOAT' ? new Tensor('float32', [0.5, 1], [1, 2]) : new Tensor('float64', [0.5, 1], [1, 2]);
  try {
    const session = await InferenceSession.create(file, { logSeverityLevel: 4 });
    await session.run({ x });
    runs[kind].push(operator);
  } catch (error) {
    if (!String(error).includes('Could not find an implementation')) throw error;
  }
}
console.log(`float: ${runs.FLOAT.join(' ')}`);
console.log(`double: ${runs.DOUBLE.join(' ')}`);
END
seen=$(node run.mjs)
expected='float: Atan Elu Erf Exp LeakyRelu Log Relu Selu Sigmoid Softplus Softsign Tanh
double: Exp Log Relu Sigmoid Tanh'

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
