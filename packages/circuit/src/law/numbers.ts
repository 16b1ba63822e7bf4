const SUFFIXES: readonly (readonly [string, number])[] = [
  ['meg', 1e6],
  ['mil', 25.4e-6],
  ['t', 1e12],
  ['g', 1e9],
  ['k', 1e3],
  ['m', 1e-3],
  ['u', 1e-6],
  ['n', 1e-9],
  ['p', 1e-12],
  ['f', 1e-15],
];
const UNITS = new Set(['', 'ohm', 'ohms', 'r', 'v']);
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?([a-z]*)/i;

/**
 * The SPICE number that a text begins with: digits, a suffix (`k`, `meg`; `m` and `M` are milli), and letters that name a unit and count
 * for nothing. Undefined where there is none, or other letters follow.
 */
export function scanNumber(text: string): { value: number; length: number; suffix: string } | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [all, mantissa, exponent = '', written] = match;
  const letters = written!.toLowerCase();
  const suffix = SUFFIXES.find(([name]) => letters.startsWith(name));
  if (!UNITS.has(suffix === undefined ? letters : letters.slice(suffix[0].length))) return undefined;
  const value = Number(`${mantissa}${exponent}`) * (suffix?.[1] ?? 1);
  return Number.isFinite(value) ? { value, length: all.length, suffix: suffix?.[0] ?? '' } : undefined;
}
