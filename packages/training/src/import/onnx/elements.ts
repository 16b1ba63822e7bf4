/** Numbers as the array that a tensor of this type takes. */
export function valuesOf(type: string, values: Float64Array): ArrayLike<number | bigint> {
  switch (type) {
    case 'float64':
      return values;
    case 'float16':
      return Uint16Array.from(values, halfBits);
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
    case 'int32':
      return Int32Array.from(values, Math.round);
    default:
      return Float32Array.from(values);
  }
}

/** The bits of the nearest float16. */
function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (!(size < 65_520)) return Number.isNaN(value) ? 0x7e00 : sign | 0x7c00;
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // rounding up may carry into the exponent, which is the right number too
  return sign + ((exponent + 15) << 10) + Math.round((size / 2 ** exponent - 1) * 1024);
}
