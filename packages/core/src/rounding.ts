/**
 * Relative room at the bounds of values that went through float32 (half a part in 1.7e7), logarithms or text: what people bring meets
 * a bound where it meets it within this.
 */
export const ROUNDING = 4e-7;

/** Two different numbers with as many digits, six or more, as tell them apart. */
export function apart(a: number, b: number): [string, string] {
  for (let digits = 6; digits < 17; digits += 1) {
    const [first, second] = [a, b].map((value) => String(Number(value.toPrecision(digits))));
    if (first !== second) return [first!, second!];
  }
  return [String(a), String(b)];
}
