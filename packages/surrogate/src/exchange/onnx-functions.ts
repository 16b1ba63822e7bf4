import type { OnnxAttribute, OnnxNode } from './onnx-node.ts';
import { OnnxUnsupported } from './onnx-tensor.ts';

/** A local function of a model: nodes that stand for one. */
export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  /** Values of attributes that a call leaves out. */
  readonly defaults: ReadonlyMap<string, OnnxAttribute>;
}

const MOST_NODES = 100_000;
const DEEPEST = 64;

/** Nodes with every call of a local function replaced by what it consists of; its inner values get names of their own. */
export function inlineFunctions(nodes: readonly OnnxNode[], functions: readonly OnnxFunction[]): OnnxNode[] {
  if (functions.length === 0) return [...nodes];
  const byName = new Map(functions.map((one) => [`${one.domain}:${one.name}`, one]));
  const found: OnnxNode[] = [];
  let calls = 0;
  const add = (node: OnnxNode, depth: number): void => {
    const called = byName.get(`${node.domain}:${node.operator}`);
    if (called === undefined) {
      found.push(node);
      if (found.length > MOST_NODES) throw new OnnxUnsupported(`its functions come to more than ${MOST_NODES} nodes`);
      return;
    }
    if (depth > DEEPEST) throw new OnnxUnsupported(`its function ${called.name} calls itself`);
    calls += 1;
    const call = calls;
    const names = new Map([
      ...called.inputs.map((name, i) => [name, node.inputs[i] ?? ''] as const),
      ...called.outputs.map((name, i) => [name, node.outputs[i] ?? `${name}~${call}`] as const),
    ]);
    const rename = (name: string): string => (name === '' ? '' : (names.get(name) ?? `${name}~${call}`));
    for (const inner of called.nodes)
      add(
        {
          ...inner,
          inputs: inner.inputs.map(rename),
          outputs: inner.outputs.map(rename),
          attributes: resolved(inner.attributes, new Map([...called.defaults, ...node.attributes])),
        },
        depth + 1,
      );
  };
  for (const node of nodes) add(node, 0);
  return found;
}

/** Attributes of which some refer to those of the call. */
function resolved(
  attributes: ReadonlyMap<string, OnnxAttribute>,
  given: ReadonlyMap<string, OnnxAttribute>,
): ReadonlyMap<string, OnnxAttribute> {
  const entries = [...attributes].flatMap(([name, attribute]) => {
    const value = attribute.reference === undefined ? attribute : given.get(attribute.reference);
    return value === undefined ? [] : [[name, value] as const];
  });
  return new Map(entries);
}
