import type { OnnxConstant } from './onnx-tensor.ts';

/** An attribute of a node; a float and an integer are both `number`. */
export interface OnnxAttribute {
  readonly number?: number;
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
  readonly tensor?: OnnxConstant;
  /** In a function: the attribute of the call that it takes its value from. */
  readonly reference?: string;
}

export interface OnnxNode {
  readonly operator: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** An attribute that is one number, or a list of one. */
export function numberOf({ attributes }: OnnxNode, name: string): number | undefined {
  const attribute = attributes.get(name);
  return attribute?.number ?? attribute?.numbers[0];
}
