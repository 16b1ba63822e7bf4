import { Draws } from '@neuroprint/core';
import { LawError, type LawText, parseLaw } from '../src/law/law.ts';
import type { TransistorKind } from '../src/technology/transistor.ts';

const PARAMETERS = { a: 0.7, b: -1.3, c: 2.5, k: 1e-3 };

/** A random expression of so many levels that is finite everywhere. */
function expression(draw: () => number, depth: number, names: readonly string[]): string {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(draw() * of.length)]!;
  if (depth === 0) return pick([...names, ...names, 'a', 'b', 'c', 'temp', '3', '0.25', '1e-2']);
  const inner = (): string => expression(draw, depth - 1, names);
  const [x, y] = [inner(), inner()];
  return pick([
    `(${x} + ${y})`,
    `(${x} - ${y})`,
    `${x} - (${y})`,
    `(${x}) * (${y})`,
    `(${x}) / (1 + (${y})^2)`,
    `(-(${x}))`,
    `ln(1 + exp(${x}))`,
    `ln(1 + exp((${x}) / 0.05))`,
    `exp(-abs(${x}))`,
    `tanh(${x})`,
    `sqrt((${x})^2 + 1e-3)`,
    `(1 + abs(${x}))^c`,
    `pow((${x}), 3)`,
    `min(${x}, ${y})`,
    `max(${x}, ${y})`,
  ]);
}

/** A transistor of a random law, of either polarity; undefined where the law depends on no voltage. */
export function randomKind(seed: number): TransistorKind | undefined {
  let count = 0;
  const draws = new Draws(seed, 'random laws');
  const draw = (): number => draws.uniform(0, count++);
  const volts = ['vg', 'vd', 'vs'];
  const text: LawText = {
    let: { p: expression(draw, 2, volts), Q: expression(draw, 2, [...volts, 'p']) },
    drainAmperes: `k * W / L * (${expression(draw, 3, [...volts, 'p', 'Q'])})`,
  };
  try {
    const law = parseLaw(text, Object.keys(PARAMETERS));
    const polarity = draw() < 0.5 ? 'n' : 'p';
    const rest = { description: '', comment: [], gateSiemens: 0, contactOhmMetres: 0 };
    return { ...rest, name: `law${seed}`, polarity, law, parameters: Object.values(PARAMETERS) };
  } catch (error) {
    if (error instanceof LawError) return undefined;
    throw error;
  }
}
