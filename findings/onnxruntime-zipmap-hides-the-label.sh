#!/usr/bin/env bash
# npm onnxruntime-node 1.30.0: a classifier that ends in ZipMap, as exporters for scikit-learn write it, gives nothing by run(feeds), its label neither.
# Expected: outputs that JavaScript has no type for are left out, or at least the tensor output beside them is returned; naming the
# tensor under ZipMap as a fetch gives the probabilities.
# Seen: run(feeds) throws "Non tensor type is temporarily not supported." for all outputs; the session itself knows which are no tensors
# (outputMetadata.isTensor), and run(feeds, ['label']) works. A tensor inside the graph is "an invalid output name". So: fetch by isTensor.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
dpkg -s python3-onnx > /dev/null 2>&1 || (apt-get update && apt-get install -y --no-install-recommends python3-onnx) > install.log 2>&1
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0

cat > model.py <<'END'
import onnx
from onnx import TensorProto, helper

nodes = [
    helper.make_node("LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", coefficients=[1.0, 0.0, 0.0, 1.0],
                     intercepts=[0.0, 0.0], classlabels_ints=[0, 1], multi_class=1, post_transform="SOFTMAX"),
    helper.make_node("ZipMap", ["scores"], ["map"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]),
]
probability = helper.make_tensor_type_proto(TensorProto.FLOAT, [])
maps = helper.make_sequence_type_proto(onnx.TypeProto(map_type=onnx.TypeProto.Map(key_type=TensorProto.INT64, value_type=probability)))
graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
                          [helper.make_tensor_value_info("label", TensorProto.INT64, [None]), helper.make_value_info("map", maps)])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 1)])
model.ir_version = 7
onnx.checker.check_model(model)
onnx.save(model, "model.onnx")
END
/usr/bin/python3 model.py
cat > run.mjs <<'END'
import { InferenceSession, Tensor } from 'onnxruntime-node';

const session = await InferenceSession.create('model.onnx', { logSeverityLevel: 4 });
console.log(session.outputMetadata.map(({ name, isTensor }) => `${name} ${isTensor ? 'tensor' : 'no tensor'}`).join(', '));
const x = new Tensor('float32', [1, 2], [1, 2]);
for (const fetches of [[], ['label'], ['scores']]) {
  const result = await (fetches.length === 0 ? session.run({ x }) : session.run({ x }, fetches)).catch((error) => error);
  const seen = result instanceof Error ? result.message : `label ${result.label.data[0]}`;
  console.log(`${fetches.join() || 'all'}: ${seen}`);
}
END
seen=$(node run.mjs)
expected="label tensor, map no tensor
all: Non tensor type is temporarily not supported.
label: label 1
scores: 'fetches' contains invalid output name: scores."

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
  printf 'changed; expected was:\n%s\n' "$expected" >&2
  exit 1
fi
