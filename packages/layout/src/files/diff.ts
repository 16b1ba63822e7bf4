import type { ArtifactContent, LayoutReportKind } from '@neuroprint/core';

type Report = Pick<
  ArtifactContent<typeof LayoutReportKind>,
  'rules' | 'devices' | 'widthMetres' | 'heightMetres' | 'areaSquareMetres'
>;
type Device = Report['devices'][number];

/** What became of a print's geometry; devices that only one of the two has are told by the diff of the circuits. */
export interface LayoutDiff {
  readonly same: boolean;
  readonly rules: readonly [before: string, after: string];
  /** Width, then height. */
  readonly beforeMetres: readonly [number, number];
  readonly afterMetres: readonly [number, number];
  readonly areaRelativeChange: number;
  /** Devices whose box has its lower left corner elsewhere: by how much along x and y; the farthest first. */
  readonly moved: readonly { readonly device: string; readonly byMetres: readonly [number, number] }[];
  /** Devices whose box has another size, or whose ink has: width and height, before and after; the largest change of area first. */
  readonly resized: readonly {
    readonly device: string;
    readonly beforeMetres: readonly [number, number];
    readonly afterMetres: readonly [number, number];
    /** Of the ink; 0 for op-amps. */
    readonly inkRelativeChange: number;
  }[];
  readonly devices: number;
}

/** Two layouts are told apart from this many metres on: a database unit and rounding. */
const SAME_METRES = 1e-10;

/** What moved and what has another size from one layout to another. */
export function diffLayouts(before: Report, after: Report): LayoutDiff {
  const old = new Map(before.devices.map((device) => [device.name, device]));
  const both = after.devices.flatMap((device): [Device, Device][] => {
    const was = old.get(device.name);
    return was === undefined ? [] : [[was, device]];
  });
  const differ = (a: readonly number[], b: readonly number[]): boolean =>
    a.some((metres, k) => Math.abs(metres - b[k]!) > SAME_METRES);
  const moved = both
    .map(([was, is]) => {
      const byMetres: [number, number] = [is.boxMetres[0] - was.boxMetres[0], is.boxMetres[1] - was.boxMetres[1]];
      return { device: is.name, byMetres };
    })
    .filter(({ byMetres }) => differ(byMetres, [0, 0]))
    .sort((a, b) => Math.hypot(...b.byMetres) - Math.hypot(...a.byMetres));
  const resized = both
    .map(([was, is]) => ({
      device: is.name,
      beforeMetres: sizeOf(was),
      afterMetres: sizeOf(is),
      inkRelativeChange: (is.inkSquareMetres ?? 1) / (was.inkSquareMetres ?? 1) - 1,
      sides: differ(inkOf(was), inkOf(is)),
    }))
    .filter((one) => one.sides || differ(one.beforeMetres, one.afterMetres))
    .map(({ sides: _, ...one }) => one)
    .sort((a, b) => changeOfArea(b) - changeOfArea(a));
  const [beforeMetres, afterMetres] = [before, after].map(({ widthMetres, heightMetres }) => [
    widthMetres,
    heightMetres,
  ]) as [[number, number], [number, number]];
  return {
    same: moved.length + resized.length === 0 && !differ(beforeMetres, afterMetres) && before.rules === after.rules,
    rules: [before.rules, after.rules],
    beforeMetres,
    afterMetres,
    areaRelativeChange: after.areaSquareMetres / before.areaSquareMetres - 1,
    moved,
    resized,
    devices: both.length,
  };
}

function sizeOf({ boxMetres: [x1, y1, x2, y2] }: Device): [number, number] {
  return [x2 - x1, y2 - y1];
}

function inkOf({ widthMetres = 0, lengthMetres = 0 }: Device): [number, number] {
  return [widthMetres, lengthMetres];
}

function changeOfArea({ beforeMetres: [a, b], afterMetres: [c, d] }: LayoutDiff['resized'][number]): number {
  return Math.abs(a * b - c * d);
}
