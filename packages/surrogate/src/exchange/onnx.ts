import type { SurrogateContent } from '../eta/model.ts';
import { bytes, file, integer, message, text } from './protobuf.ts';

/** Every operator of the graph is the same since opset 13 (2020); ONNX 1.8 and later read this. */
const OPSET = 13;
const IR_VERSION = 7;

/** TensorProto.DataType */
const FLOAT = 1;
const BOOL = 9;
const DOUBLE = 11;
/** AttributeProto.AttributeType */
const INT_ATTRIBUTE = 2;

/**
 * A surrogate as an ONNX model. Input `components` [rows, parameters] float32, ohms and metres in the order of the
 * technology's parameters; output `eta` [rows, 4] float32. All arithmetic in between is float64, so results differ from
 * SurrogateModel only by the rounding of inputs and outputs to 24 bits (6e-8, relatively):
 * cast → ln → · exponents → standardise → (· weights + biases → z/(1 + e^−z))… → scale → exp where log → η₁ = floor + η₂.
 */
export function encodeOnnx(surrogate: SurrogateContent): Uint8Array {
  const graph = new Graph();
  const { parameters, features, layers, outputs } = surrogate;
  let x = graph.cast('components', DOUBLE);
  x = graph.node('Log', 'log_components', [x]);
  const exponents = parameters.flatMap(({ name }) => features.map((feature) => feature.exponents[name] ?? 0));
  x = graph.node('MatMul', 'features', [
    x,
    graph.doubles('exponents', [parameters.length, features.length], exponents),
  ]);
  x = graph.node('Sub', 'centred', [x, graph.doubles('feature_mean', [features.length], surrogate.featureMean)]);
  x = graph.node('Div', 'standardised', [x, graph.doubles('feature_std', [features.length], surrogate.featureStd)]);
  const one = graph.doubles('one', [1], [1]);
  layers.forEach(({ weights, biases }, l) => {
    const shape = [weights[0]!.length, biases.length];
    const transposed = weights[0]!.flatMap((_, i) => weights.map((row) => row[i]!));
    x = graph.node('MatMul', `product_${l}`, [x, graph.doubles(`weights_${l}`, shape, transposed)]);
    x = graph.node('Add', `sum_${l}`, [x, graph.doubles(`biases_${l}`, [biases.length], biases)]);
    if (l === layers.length - 1) return;
    // Not x·Sigmoid(x): onnxruntime fuses that to an operator which it lacks for float64.
    const decay = graph.node('Exp', `decay_${l}`, [graph.node('Neg', `negated_${l}`, [x])]);
    x = graph.node('Div', `silu_${l}`, [x, graph.node('Add', `one_plus_${l}`, [decay, one])]);
  });
  const column = (of: 'mean' | 'std') =>
    graph.doubles(
      `output_${of}`,
      [4],
      outputs.map((output) => output[of]),
    );
  x = graph.node('Mul', 'scaled', [x, column('std')]);
  x = graph.node('Add', 'shifted', [x, column('mean')]);
  const isLog = graph.constant(
    'output_log',
    BOOL,
    [4],
    Uint8Array.from(outputs, (output) => (output.log ? 1 : 0)),
  );
  x = graph.node('Where', 'physical', [isLog, graph.node('Exp', 'exponential', [x]), x]);
  const addFloor = [1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  x = graph.node('MatMul', 'eta_float64', [x, graph.doubles('add_floor', [4, 4], addFloor)]);
  graph.cast(x, FLOAT, 'eta');
  return file(
    integer(1, IR_VERSION),
    text(2, 'neuroprint'),
    message(
      7,
      ...graph.nodes,
      text(2, `${surrogate.technology}_${surrogate.cell}`.replaceAll('-', '_')),
      ...graph.initializers,
      text(10, `Columns: ${parameters.map(({ name, unit }) => `${name} (${unit})`).join(', ')}.`),
      tensorInfo(11, 'components', parameters.length),
      tensorInfo(12, 'eta', 4),
    ),
    message(8, text(1, ''), integer(2, OPSET)),
  );
}

/** Collects a GraphProto's nodes and constants. Every method returns the name of what it made. */
class Graph {
  readonly nodes: Uint8Array[] = [];
  readonly initializers: Uint8Array[] = [];

  node(operator: string, output: string, inputs: readonly string[], ...attributes: readonly Uint8Array[]): string {
    const names = inputs.map((input) => text(1, input));
    this.nodes.push(message(1, ...names, text(2, output), text(3, `make_${output}`), text(4, operator), ...attributes));
    return output;
  }

  cast(input: string, type: number, output = `${input}_float64`): string {
    return this.node('Cast', output, [input], message(5, text(1, 'to'), integer(3, type), integer(20, INT_ATTRIBUTE)));
  }

  doubles(name: string, shape: readonly number[], values: readonly number[]): string {
    const raw = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, i) => {
      raw.setFloat64(i * 8, value, true);
    });
    return this.constant(name, DOUBLE, shape, new Uint8Array(raw.buffer));
  }

  constant(name: string, type: number, shape: readonly number[], raw: Uint8Array): string {
    this.initializers.push(
      message(5, ...shape.map((size) => integer(1, size)), integer(2, type), text(8, name), bytes(9, raw)),
    );
    return name;
  }
}

/** A float32 input or output [rows, columns] with any number of rows. */
function tensorInfo(field: number, name: string, columns: number): Uint8Array {
  const shape = message(2, message(1, text(2, 'rows')), message(1, integer(1, columns)));
  return message(field, text(1, name), message(2, message(1, integer(1, FLOAT), shape)));
}
