import { UsageError } from '@neuroprint/core';

const NANOMETRES = { um: 1e3, µm: 1e3, mm: 1e6 } as const;

/** `20um`, `0.5mm`: a length in whole nanometres. */
export function nanometres(given: string, name: string): number {
  const match = /^(\d+(?:\.\d+)?)(um|µm|mm)$/.exec(given.trim());
  if (match === null) throw new UsageError(`--${name} has "${given}", and lengths are numbers with um or mm, as 20um.`);
  const length = Number(match[1]) * NANOMETRES[match[2] as keyof typeof NANOMETRES];
  const whole = Math.round(length);
  if (Math.abs(length - whole) > 1e-6 || whole > 1e9)
    throw new UsageError(`--${name} has "${given}", and a length is whole nanometres up to 1 metre.`);
  return whole;
}

/** `20um` for both, or `20um,25um`: along x and along y, in whole nanometres above 0. */
export function dropSpacing(given: string, name: string): readonly [number, number] {
  const [x, y = x, ...more] = given.split(',').map((part) => nanometres(part, name));
  if (more.length > 0 || x! < 1 || y! < 1)
    throw new UsageError(`--${name} is "${given}", and it is a length above 0, or one along x and one along y.`);
  return [x!, y!];
}
