import { Code, V128 } from './assembler.ts';

/** Elementary functions of two float64 side by side, as functions of a module. Both lanes are independent of each other. */
export const ELEMENTARY = ['exp', 'ln', 'log1p'] as const;
export type Elementary = (typeof ELEMENTARY)[number];

/** Adding it rounds to a whole number, which then stands in the low bits, in two's complement. */
const MAGIC = 6755399441055744;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Degree of the series of eˣ for |x| ≤ ln(2)/2, of artanh for |x| ≤ 0.172 and of artanh for |x| ≤ 1/3. */
const EXP_DEGREE = 13;
const LN_TERMS = 12;
const LOG1P_TERMS = 17;

/** eˣ to 2 units in the last place; from −708 to 709, and beyond as there. */
function exponential(): Code {
  const code = new Code([V128], [V128]);
  const [whole, rest] = [code.local(V128), code.local(V128)];
  code.get(0).constant(709).simd('pmin').constant(-708).simd('pmax').set(0);
  code.get(0).constant(Math.LOG2E).simd('mul').constant(MAGIC).simd('add').set(whole);
  code.get(whole).constant(MAGIC).simd('sub').set(rest);
  code.get(0).get(rest).constant(LN2_HIGH).simd('mul').simd('sub');
  code.get(rest).constant(LN2_LOW).simd('mul').simd('sub').set(rest);
  let factorial = 1;
  const inverse = Array.from({ length: EXP_DEGREE + 1 }, (_, k) => {
    factorial *= Math.max(1, k);
    return 1 / factorial;
  });
  code.constant(inverse[EXP_DEGREE]!);
  for (let k = EXP_DEGREE - 1; k >= 0; k -= 1) code.get(rest).simd('mul').constant(inverse[k]!).simd('add');
  // 2ⁿ: the whole number goes to the exponent's bits
  return code.get(whole).i32(52).simd('i64ShiftLeft').simd('i64Add');
}

/** 2·artanh(s) = ln((1 + s)/(1 − s)), with s on the stack. */
function twiceArtanh(code: Code, terms: number): Code {
  const [s, square] = [code.local(V128), code.local(V128)];
  code.tee(s).get(s).simd('mul').set(square);
  code.constant(2 / (2 * terms + 1));
  for (let k = terms - 1; k >= 0; k -= 1)
    code
      .get(square)
      .simd('mul')
      .constant(2 / (2 * k + 1))
      .simd('add');
  return code.get(s).simd('mul');
}

/** ln(x); of what is not positive that of the smallest normal number. */
function logarithm(): Code {
  const code = new Code([V128], [V128]);
  const [bits, exponent] = [code.local(V128), code.local(V128)];
  const halfRoot = new BigInt64Array(Float64Array.of(Math.SQRT1_2).buffer)[0]!;
  const two52 = 4503599627370496;
  code.get(0).constant(2.2250738585072014e-308).simd('pmax').set(0);
  // m·2ᵉ with m from √½ to √2
  code.get(0).bits(halfRoot).simd('i64Sub').set(bits);
  // with an offset, so that the exponent is never negative
  code
    .get(bits)
    .bits(1075n << 52n)
    .simd('i64Add')
    .i32(52)
    .simd('i64ShiftRight');
  code.constant(two52).simd('or').constant(two52).simd('sub').constant(1075).simd('sub').set(exponent);
  code
    .get(bits)
    .bits((1n << 52n) - 1n)
    .simd('and')
    .bits(halfRoot)
    .simd('i64Add')
    .set(bits);
  code.get(bits).constant(1).simd('sub').get(bits).constant(1).simd('add').simd('div');
  twiceArtanh(code, LN_TERMS);
  code.get(exponent).constant(LN2_LOW).simd('mul').simd('add');
  return code.get(exponent).constant(LN2_HIGH).simd('mul').simd('add');
}

/** ln(1 + x) for x from 0 to 1, exact also where x is small. */
function logarithmOfMore(): Code {
  const code = new Code([V128], [V128]);
  code.get(0).get(0).constant(2).simd('add').simd('div');
  return twiceArtanh(code, LOG1P_TERMS);
}

export function elementary(): Code[] {
  return [exponential(), logarithm(), logarithmOfMore()];
}
