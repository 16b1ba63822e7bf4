/** Philox4x32-10, bit for bit the one of core/src/random.ts. AssemblyScript; see kernel.ts. */

/** Fills `count` float64 at `out` with uniform numbers in [0, 1): those of `Draws.fillUniform` from `first` on (even). */
export function fillUniform(
  key0: u32,
  key1: u32,
  seedHigh: u32,
  major: u32,
  first: u32,
  out: usize,
  count: usize,
): void {
  for (let i: usize = 0; i < count; i += 2) {
    let c0 = (first >> 1) + <u32>(i >> 1);
    let c1 = major;
    let c2 = seedHigh;
    let c3: u32 = 0;
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < 10; round += 1) {
      const p0 = <u64>0xd2511f53 * <u64>c0;
      const p1 = <u64>0xcd9e8d57 * <u64>c2;
      c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
      c1 = <u32>p1;
      c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
      c3 = <u32>p0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    store<f64>(out + (i << 3), toUnit(c0, c1));
    if (i + 1 < count) store<f64>(out + (i << 3), toUnit(c2, c3), 8);
  }
}

function toUnit(high: u32, low: u32): f64 {
  return (<f64>(high >> 5) * 67108864 + <f64>(low >> 6)) / 9007199254740992;
}
