/** As much of ONNX as tests need: a chain of nodes with float64 constants, written by hand. */
export interface ChainNode {
  readonly operator: string;
  /** Constants after (or with `first` before) the data input: shape and numbers. */
  readonly constants?: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
  readonly constantFirst?: boolean;
  readonly integers?: Readonly<Record<string, number>>;
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

const field = (number: number, bytes: readonly number[]): number[] => [
  ...varint(8 * number + 2),
  ...varint(bytes.length),
  ...bytes,
];
const text = (number: number, value: string): number[] => field(number, [...new TextEncoder().encode(value)]);
const integer = (number: number, value: number): number[] => [...varint(8 * number), ...varint(value)];

function tensor(name: string, shape: readonly number[], data: readonly number[]): number[] {
  const raw = [...new Uint8Array(Float64Array.from(data).buffer)];
  return [...shape.flatMap((length) => integer(1, length)), ...integer(2, 11), ...text(8, name), ...field(9, raw)];
}

/** The bytes of a model whose input is `x` and whose output is that of the last node. */
export function onnxChain(nodes: readonly ChainNode[]): Uint8Array {
  const constants: number[] = [];
  let data = 'x';
  const encoded = nodes.flatMap(({ operator, constants: values = [], constantFirst, integers = {} }, n) => {
    const names = values.map(({ shape, data: numbers }, c) => {
      const name = `c${n}_${c}`;
      constants.push(...field(5, tensor(name, shape, numbers)));
      return name;
    });
    const inputs = constantFirst === true ? [...names, data] : [data, ...names];
    data = `y${n}`;
    const attributes = Object.entries(integers).flatMap(([name, value]) =>
      field(5, [...text(1, name), ...integer(3, value), ...integer(20, 2)]),
    );
    return field(1, [
      ...inputs.flatMap((name) => text(1, name)),
      ...text(2, data),
      ...text(4, operator),
      ...attributes,
    ]);
  });
  const graph = [...encoded, ...constants, ...field(11, text(1, 'x')), ...field(12, text(1, data))];
  return Uint8Array.from([...integer(1, 7), ...field(7, graph), ...field(8, integer(2, 13))]);
}
