import { numberOf, type OnnxNode, OnnxUnsupported } from '@neuroprint/surrogate';
import { combine, type Terms } from './affine.ts';
import { indicesOf, sizeOf } from './shapes.ts';
import type { Constant, Data } from './values.ts';

/** A convolution as the matrix that it is: kernels [outputs × channels of a group × …], data [rows × channels × …]. */
export function convolution(node: OnnxNode, data: Data, kernel: Constant, bias: Constant | undefined): Data {
  const [, channels = 0, ...spatial] = data.shape;
  const [outputs = 0, perGroup = 0, ...window] = kernel.shape;
  const groups = numberOf(node, 'group') ?? 1;
  if (window.length !== spatial.length || perGroup * groups !== channels)
    throw new OnnxUnsupported(`Conv has a kernel [${kernel.shape.join(', ')}] for [${data.shape.join(', ')}]`);
  const list = (name: string, fallback: number, count = window.length) =>
    node.attributes.get(name)?.numbers ?? new Array<number>(count).fill(fallback);
  const [strides, dilations] = [list('strides', 1), list('dilations', 1)];
  const reach = window.map((n, d) => dilations[d]! * (n - 1) + 1);
  const pads = paddingOf(node, spatial, reach, strides, list('pads', 0, 2 * window.length));
  const to = spatial.map((n, d) => Math.floor((n + pads[d]! + pads[window.length + d]! - reach[d]!) / strides[d]! + 1));
  const at = (index: readonly number[], shape: readonly number[]) =>
    index.reduce((sum, k, d) => sum * shape[d]! + k, 0);
  const [kernels, places] = [indicesOf(window), indicesOf(to)];
  const [area, taps] = [sizeOf(spatial), sizeOf(window)];
  const columns: Terms[] = [];
  for (let o = 0; o < outputs; o += 1) {
    const group = Math.floor(o / (outputs / groups));
    for (const place of places) {
      const terms: [number, number][] = [];
      for (const [k, tap] of kernels.entries()) {
        const source = tap.map((n, d) => place[d]! * strides[d]! + n * dilations[d]! - pads[d]!);
        if (source.some((n, d) => n < 0 || n >= spatial[d]!)) continue;
        for (let c = 0; c < perGroup; c += 1) {
          const column = (group * perGroup + c) * area + at(source, spatial);
          terms.push([column, kernel.data[(o * perGroup + c) * taps + k]!]);
        }
      }
      columns.push(terms);
    }
  }
  const constants = bias && columns.map((_, i) => bias.data[Math.floor(i / places.length)]!);
  return { ...data, shape: [1, outputs, ...to], affine: combine(data.affine, columns, constants) };
}

function paddingOf(
  node: OnnxNode,
  spatial: readonly number[],
  reach: readonly number[],
  strides: readonly number[],
  pads: readonly number[],
): readonly number[] {
  const auto = node.attributes.get('auto_pad')?.texts[0] ?? 'NOTSET';
  if (auto === 'NOTSET') return pads;
  if (auto === 'VALID') return pads.map(() => 0);
  const total = spatial.map((n, d) => Math.max(0, (Math.ceil(n / strides[d]!) - 1) * strides[d]! + reach[d]! - n));
  const [small, large] = [total.map((n) => Math.floor(n / 2)), total.map((n) => Math.ceil(n / 2))];
  return auto === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small];
}
