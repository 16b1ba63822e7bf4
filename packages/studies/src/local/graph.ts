import { Draws, UsageError } from '@neuroprint/core';
import { DisconnectedGraphError } from './errors.ts';

/** An undirected graph: nodes 0..nodes−1, every edge once, no edge from a node to itself. */
export interface Graph {
  readonly nodes: number;
  readonly edges: readonly (readonly [number, number])[];
}

export interface SmallWorldOptions {
  readonly nodes: number;
  /** Neighbours of a node in the ring, an even number below `nodes`; default 4. */
  readonly neighbours?: number;
  /** Probability that an edge leads elsewhere; default 0.2. */
  readonly rewire?: number;
  readonly seed?: number;
}

const ATTEMPTS = 100;

/**
 * A connected small world (Watts and Strogatz, "Collective dynamics of small-world networks", Nature 1998): a ring in which each
 * node is tied to its nearest `neighbours`, and each edge is led to a random other node with probability `rewire`. Drawn again
 * until it is connected. Throws UsageError for numbers without such a graph, DisconnectedGraphError where chance gives none.
 */
export function smallWorld(options: SmallWorldOptions): Graph {
  const { nodes, neighbours = 4, rewire = 0.2, seed = 0 } = options;
  const whole = Number.isSafeInteger(nodes) && Number.isSafeInteger(neighbours);
  if (!whole || neighbours < 2 || neighbours % 2 !== 0 || neighbours >= nodes)
    throw new UsageError(
      `A ring of ${nodes} nodes with ${neighbours} neighbours each cannot be made.`,
      'neighbours must be an even number from 2 on, and below the number of nodes.',
    );
  if (!(rewire >= 0 && rewire <= 1)) throw new UsageError(`rewire is ${rewire}, and must be a probability.`);
  const random = new Draws(seed, 'small world');
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const graph = rewiredRing(nodes, neighbours / 2, rewire, random, attempt);
    if (unreached(graph).length === 0) return graph;
  }
  throw new DisconnectedGraphError(
    `${ATTEMPTS} graphs of ${nodes} nodes with ${neighbours} neighbours fell apart.`,
    'Take more neighbours, or rewire less.',
  );
}

function rewiredRing(nodes: number, half: number, rewire: number, random: Draws, attempt: number): Graph {
  const key = (a: number, b: number): number => Math.min(a, b) * nodes + Math.max(a, b);
  const taken = new Set<number>();
  const edges: [number, number][] = [];
  for (let step = 1; step <= half; step += 1)
    for (let node = 0; node < nodes; node += 1) {
      const other = (node + step) % nodes;
      if (taken.has(key(node, other))) continue;
      taken.add(key(node, other));
      edges.push([node, other]);
    }
  edges.forEach((edge, e) => {
    const [node, other] = edge;
    if (random.uniform(attempt, 2 * e) >= rewire) return;
    const free = Array.from({ length: nodes }, (_, to) => to).filter((to) => to !== node && !taken.has(key(node, to)));
    const to = free[Math.floor(random.uniform(attempt, 2 * e + 1) * free.length)];
    if (to === undefined) return;
    taken.delete(key(node, other));
    taken.add(key(node, to));
    edge[1] = to;
  });
  return { nodes, edges };
}

/** Nodes that no path joins to node 0. */
export function unreached({ nodes, edges }: Graph): number[] {
  const neighbours = Array.from({ length: nodes }, (): number[] => []);
  for (const [a, b] of edges) {
    neighbours[a]!.push(b);
    neighbours[b]!.push(a);
  }
  const seen = new Set([0]);
  const open = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const next of neighbours[node]!)
      if (!seen.has(next)) {
        seen.add(next);
        open.push(next);
      }
  return Array.from({ length: nodes }, (_, node) => node).filter((node) => !seen.has(node));
}
