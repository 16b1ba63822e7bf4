import type { Node } from './graph.ts';

/** ln(1 + eˣ) is never less than this, so that its powers have finite logarithms far below threshold. */
export const LEAST_SOFTPLUS = 1e-300;

/** Quantities in the order in which they are computed. */
interface Steps {
  readonly ordered: readonly Node[];
  /** The power that is lower by one, of which this one is a multiple; undefined where there is none. */
  readonly lower: (node: Node) => Node | undefined;
}

/** The same quantities in an order that has a power behind the one that is lower by one. */
export function inSteps(nodes: readonly Node[]): Steps {
  const powers = new Map(nodes.filter(({ op }) => op === 'pow').map((node) => [key(node), node]));
  const lower = (node: Node): Node | undefined => {
    const [base, exponent] = node.of;
    if (node.op !== 'pow' || base!.op !== 'softplus') return undefined;
    return [...powers.values()].find(
      ({ of: [b, e] }) =>
        b === base &&
        (e!.op === 'sub'
          ? e!.of[0] === exponent && e!.of[1]!.value === 1
          : e!.op === 'constant' && exponent!.op === 'constant' && e!.value === exponent!.value - 1),
    );
  };
  const ordered: Node[] = [];
  const placed = new Set<Node>();
  const place = (node: Node): void => {
    if (placed.has(node)) return;
    placed.add(node);
    for (const one of node.of) place(one);
    const before = lower(node);
    if (before !== undefined) place(before);
    ordered.push(node);
  };
  for (const node of nodes) place(node);
  return { ordered, lower };
}

function key({ of }: Node): string {
  return of.map(({ id }) => id).join();
}
