import { type CompiledLaw, compileLaw } from './evaluate.ts';
import { parseLaw } from './law.ts';

/** Laws of ageing by name: how much a quantity has changed after so many days, as a share of its first value or in its own unit. */
export const AGEING_LAWS = {
  /** Diffusion and its like: never at rest. */
  power: { change: 'a * days^b', shape: 'b', start: 0.5, minimum: 0.02, maximum: 3, unit: '1' },
  /** Many processes of different speed. */
  logarithm: { change: 'a * ln(1 + days / tau)', shape: 'tau', start: 3, minimum: 1e-3, maximum: 1e4, unit: 'days' },
  /** One process that comes to an end. */
  saturating: {
    change: 'a * (1 - exp(-(days / tau)))',
    shape: 'tau',
    start: 10,
    minimum: 1e-2,
    maximum: 1e4,
    unit: 'days',
  },
} as const;

export type AgeingLaw = keyof typeof AGEING_LAWS;

/** A day is never less: a power of 0 has no derivative. */
const EARLIEST = 1e-9;

type CompiledAgeing = (days: number, a: number, shape: number, out: Float64Array) => void;

const compiledLaws = new Map<AgeingLaw, CompiledAgeing>();

/** The change after so many days, and its derivatives by `a` and by the law's shape (`b` or `tau`), into `out`. Compiled once: every copy asks for it. */
export function compileAgeing(name: AgeingLaw): CompiledAgeing {
  const ageing = compiledLaws.get(name) ?? compileNew(name);
  compiledLaws.set(name, ageing);
  return ageing;
}

function compileNew(name: AgeingLaw): CompiledAgeing {
  const { change, shape: shapeName } = AGEING_LAWS[name];
  const names = ['days', 'a', shapeName];
  // a law is a current: here that of a drain at 1 V
  const compiled: CompiledLaw = compileLaw(parseLaw({ drainAmperes: `(vd - vs) * (${change})` }, names), [
    'a',
    shapeName,
  ]);
  const parameters = new Float64Array(3);
  return (days, a, shape, out) => {
    parameters[0] = Math.max(EARLIEST, days);
    parameters[1] = a;
    parameters[2] = shape;
    compiled(0, 1, 0, 1, 1, 0, parameters, out);
  };
}
