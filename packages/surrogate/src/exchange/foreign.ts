import { InputFileError, type Parameter, platform } from '@neuroprint/core';
import { numberOf, type OnnxNode } from './onnx-node.ts';
import { type OnnxGraph, readOnnxGraph } from './onnx-read.ts';
import { BINARY, type Step, UNARY } from './onnx-steps.ts';
import { type OnnxConstant, OnnxUnsupported } from './onnx-tensor.ts';
import { ProtobufError } from './protobuf-read.ts';

/**
 * A surrogate from elsewhere: an ONNX model that takes [rows, parameters] in ohms and metres and gives [rows, 4], η₁..η₄.
 * Perceptrons of any depth, with their feature transforms, run and differentiate by our own kernels in float64: MatMul and Gemm
 * with constant weights, Add, Sub, Mul, Div, PRelu and Where, and what UNARY lists. `forward` and `backward` are those of
 * SurrogateModel. Buffers are reused between calls.
 */
export class ForeignSurrogate {
  readonly parameterNames: readonly string[];
  readonly opset: number;
  readonly #steps: readonly Step[];
  readonly #output: number;
  #values: Float64Array[] = [];
  #rows = 0;

  constructor(graph: OnnxGraph, parameters: readonly Parameter[]) {
    this.parameterNames = parameters.map(({ name }) => name);
    this.opset = graph.opset;
    const { steps, output } = plan(graph, parameters.length);
    this.#steps = steps;
    this.#output = output;
  }

  /**
   * Reads a file. Throws InputFileError where it is damaged, has another signature than the parameters ask for, uses an
   * operator that is not supported (named), or gives no finite η in the middle of the design space.
   */
  static read(file: string, parameters: readonly Parameter[]): ForeignSurrogate {
    try {
      const surrogate = new ForeignSurrogate(readOnnxGraph(platform.files.read(file)), parameters);
      const middle = Float64Array.from(parameters, ({ min, max }) => 0.5 * Math.log(min * max));
      const eta = surrogate.forward(middle, 1);
      if (!eta.every(Number.isFinite))
        throw new OnnxUnsupported('it gives no finite η in the middle of the design space');
      return surrogate;
    } catch (error) {
      if (error instanceof ProtobufError)
        throw new InputFileError({ file }, `is damaged or no ONNX model: ${error.message}`, 'Export it again.');
      if (error instanceof OnnxUnsupported) {
        const names = parameters.map(({ name, unit }) => `${name} (${unit})`).join(', ');
        throw new InputFileError(
          { file },
          error.message,
          `A surrogate takes [rows, ${names}] and gives [rows, eta1..eta4].`,
        );
      }
      throw error;
    }
  }

  /** η [rows × 4] of component values [rows × parameters] in ohms and metres; a new array. */
  predict(values: Float64Array, rows: number): Float64Array {
    return this.forward(values.map(Math.log), rows).slice();
  }

  /** η [rows × 4] of ln ω [rows × parameters]; overwritten by the next call. */
  forward(logValues: Float64Array, rows: number): Float64Array {
    this.#values = [logValues.subarray(0, rows * this.parameterNames.length).map(Math.exp)];
    this.#rows = rows;
    for (const step of this.#steps)
      this.#values.push(
        step.forward(
          step.inputs.map((i) => this.#values[i]!),
          rows,
        ),
      );
    return this.#values[this.#output]!;
  }

  /** Pulls d/dη [rows × 4] of the last forward back to d/d ln ω [rows × parameters], which is overwritten. */
  backward(etaGradient: Float64Array, logGradient: Float64Array): void {
    const gradients = this.#values.map((value) => new Float64Array(value.length));
    gradients[this.#output]!.set(etaGradient.subarray(0, this.#rows * 4));
    for (let s = this.#steps.length - 1; s >= 0; s -= 1) {
      const step = this.#steps[s]!;
      step.backward(
        step.inputs.map((i) => this.#values[i]!),
        this.#values[s + 1]!,
        gradients[s + 1]!,
        step.inputs.map((i) => gradients[i]!),
        this.#rows,
      );
    }
    const values = this.#values[0]!;
    for (let i = 0; i < values.length; i += 1) logGradient[i] = gradients[0]![i]! * values[i]!;
  }
}

/** Orders a graph into steps on values of known width; value 0 is the input. Nodes of an ONNX file come sorted. */
function plan(graph: OnnxGraph, parameters: number): { readonly steps: Step[]; readonly output: number } {
  const [input, ...others] = graph.inputs;
  const [output, ...more] = graph.outputs;
  if (input === undefined || output === undefined || others.length > 0 || more.length > 0)
    throw new OnnxUnsupported(
      `it has ${graph.inputs.length} inputs and ${graph.outputs.length} outputs, not one of each`,
    );
  const columns = input.shape[1];
  if (input.shape.length !== 2 || (columns !== undefined && columns !== parameters))
    throw new OnnxUnsupported(
      `its input is [${input.shape.map((n) => n ?? 'rows').join(', ')}], not [rows, ${parameters}]`,
    );
  const known = new Map([[input.name, { index: 0, width: parameters }]]);
  const steps: Step[] = [];
  for (const node of graph.nodes) {
    const step = stepOf(node, known, graph.constants);
    steps.push(step);
    known.set(node.outputs[0]!, { index: steps.length, width: step.width });
  }
  const found = known.get(output.name);
  if (found?.width !== 4) throw new OnnxUnsupported(`its output has ${found?.width ?? 'unknown'} columns, not 4`);
  return { steps, output: found.index };
}

type Known = ReadonlyMap<string, { readonly index: number; readonly width: number }>;

function stepOf(node: OnnxNode, known: Known, constants: ReadonlyMap<string, OnnxConstant>): Step {
  const { operator } = node;
  if (operator === 'Cast' && ![1, 11].includes(numberOf(node, 'to') ?? 0))
    throw new OnnxUnsupported('it casts to something else than float or double');
  const unary = UNARY[operator];
  const operands = node.inputs.map((name) => {
    const tensor = known.get(name);
    const constant = constants.get(name);
    if (tensor === undefined && constant === undefined)
      throw new OnnxUnsupported(`${operator} takes ${name}, which is not known`);
    return { ...tensor, constant };
  });
  if (unary !== undefined && operands[0]?.index !== undefined)
    return unary(operands[0].index, operands[0].width!, node);
  const binary = BINARY[operator];
  if (binary === undefined)
    throw new OnnxUnsupported(
      `the operator ${operator || '(none)'} is not supported; perceptrons with ${[...Object.keys(BINARY), ...Object.keys(UNARY)].join(', ')} are`,
    );
  return binary(operands, node);
}
