import { Draws, UsageError } from '@neuroprint/core';
import { DisconnectedGraphError, ResolutionError, TerminalError } from './errors.ts';
import { type Graph, unreached } from './graph.ts';

/**
 * R_k = minimum + k·(maximum − minimum)/(levels − 1), k from 0: what a digital potentiometer gives. The reference experiment
 * (Dillavou, Stern, Liu and Durian, Phys. Rev. Applied 18, 014040, 2022) has 128 levels up to 100 kΩ.
 */
export interface ResistorScale {
  readonly minimumOhms: number;
  readonly maximumOhms: number;
  readonly levels: number;
  /** The smallest difference of two resistances that the part keeps. */
  readonly resolutionOhms: number;
}

export const DEFAULT_SCALE: ResistorScale = {
  minimumOhms: 100e3 / 128,
  maximumOhms: 100e3,
  levels: 128,
  resolutionOhms: 50,
};

/** Ohms from one level to the next. */
export function stepOhms({ minimumOhms, maximumOhms, levels }: ResistorScale): number {
  return (maximumOhms - minimumOhms) / (levels - 1);
}

/** Throws UsageError for a range or number of levels that is none, ResolutionError for levels that the part cannot tell apart. */
export function checkScale(scale: ResistorScale): void {
  const { minimumOhms, maximumOhms, levels, resolutionOhms } = scale;
  if (!(minimumOhms > 0 && maximumOhms > minimumOhms && Number.isFinite(maximumOhms)))
    throw new UsageError(`Resistances from ${minimumOhms} to ${maximumOhms} ohms are no range.`);
  if (!Number.isSafeInteger(levels) || levels < 2)
    throw new UsageError(`${levels} levels cannot be learnt on: there must be 2 or more.`);
  const step = stepOhms(scale);
  if (step < resolutionOhms)
    throw new ResolutionError(
      `${levels} levels from ${formatOhms(minimumOhms)} to ${formatOhms(maximumOhms)} are ${formatOhms(step)} apart, and the resistors resolve ${formatOhms(resolutionOhms)}.`,
      `Take at most ${Math.floor((maximumOhms - minimumOhms) / resolutionOhms) + 1} levels, or resistors of a finer resolution.`,
    );
}

function formatOhms(ohms: number): string {
  return `${Number(ohms.toPrecision(3))} ohms`;
}

/**
 * Resistors between nodes: Σ_j g_ij·(v_j − v_i) = 0 at every node that is not driven. `driven` are the nodes of ideal
 * sources, the features first, then the rails; `outputs` are read in the free state and held in the clamped one.
 */
export interface ResistorNetwork {
  readonly graph: Graph;
  readonly driven: readonly number[];
  readonly outputs: readonly number[];
}

/** Throws TerminalError or DisconnectedGraphError where these nodes cannot be driven and read. */
export function checkNetwork({ graph, driven, outputs }: ResistorNetwork): void {
  const { nodes, edges } = graph;
  const terminals = [...driven, ...outputs];
  const outside = terminals.find((node) => !Number.isSafeInteger(node) || node < 0 || node >= nodes);
  if (outside !== undefined)
    throw new TerminalError(`The node ${outside} is not in the graph.`, `Its nodes are 0 to ${nodes - 1}.`);
  const both = outputs.find((node) => driven.includes(node));
  if (both !== undefined)
    throw new TerminalError(
      `The node ${both} is an input and an output.`,
      'An input is held by its source, so nothing can be read there. Name another node.',
    );
  for (const list of [driven, outputs]) {
    const twice = list.find((node, i) => list.indexOf(node) !== i);
    if (twice !== undefined) throw new TerminalError(`The node ${twice} is named twice.`, 'Name every node once.');
  }
  if (driven.length === 0 || outputs.length === 0) throw new TerminalError('A network needs an input and an output.');
  const pairs = new Set<number>();
  for (const [a, b] of edges) {
    const key = Math.min(a, b) * nodes + Math.max(a, b);
    const inside = [a, b].every((node) => Number.isSafeInteger(node) && node >= 0 && node < nodes);
    if (!inside || a === b || pairs.has(key))
      throw new TerminalError(
        `The edge ${a}–${b} ${!inside ? 'leaves the graph' : a === b ? 'leads back to its node' : 'is there twice'}.`,
      );
    pairs.add(key);
  }
  const lost = unreached(graph);
  if (lost.length > 0)
    throw new DisconnectedGraphError(
      `The graph is not connected: no path from node 0 to ${lost.length === 1 ? 'node' : 'nodes'} ${lost.slice(0, 10).join(', ')}${lost.length > 10 ? ', …' : ''}.`,
      'Add edges, or leave those nodes out.',
    );
}

/** Random places for `driven` sources and `outputs` on a graph. Throws TerminalError where there are too few nodes. */
export function placeTerminals(graph: Graph, driven: number, outputs: number, seed: number): ResistorNetwork {
  if (driven + outputs > graph.nodes)
    throw new TerminalError(
      `${driven} sources and ${outputs} outputs need ${driven + outputs} nodes, and the graph has ${graph.nodes}.`,
      'Take more nodes.',
    );
  const order = [...new Draws(seed, 'terminals').permutation(0, graph.nodes)];
  return { graph, driven: order.slice(0, driven), outputs: order.slice(driven, driven + outputs) };
}

/** Random levels, one per edge. */
export function randomLevels(edges: number, { levels }: ResistorScale, seed: number): Int32Array {
  const random = new Draws(seed, 'resistor levels');
  return Int32Array.from({ length: edges }, (_, e) => Math.floor(random.uniform(0, e) * levels));
}
