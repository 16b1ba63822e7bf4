/** Corners in micrometres. */
export type Contour = readonly (readonly [x: number, y: number])[];

/** A filled outline of a drawing: ink, or what takes ink away that was drawn before it. */
export interface Fill {
  readonly dark: boolean;
  readonly contour: Contour;
}

/** Regions of a Gerber file, one command after the other; written from the format's description, for tests. */
export function readGerber(text: string): Fill[] {
  const fills: Fill[] = [];
  const scale = { digits: 0, micrometres: 0 };
  let dark = true;
  let contour: [number, number][] | undefined;
  let [x, y] = [0, 0];
  let ended = false;
  for (const [, extended, word] of text.matchAll(/%([^%]*)\*%|([^*%]+)\*/g)) {
    const command = (extended ?? word!).trim();
    if (ended) throw new Error(`${command} after the end`);
    const format = /^FSLAX\d(\d)Y\d(\d)$/.exec(command);
    const point = /^X(-?\d+)Y(-?\d+)D0([12])$/.exec(command);
    if (format !== null) scale.digits = Number(format[1]);
    else if (command === 'MOMM') scale.micrometres = 1e3;
    else if (command === 'LPD' || command === 'LPC') dark = command === 'LPD';
    else if (command === 'G36') contour = [];
    else if (point !== null) {
      const before: [number, number] = [x, y];
      [x, y] = [Number(point[1]), Number(point[2])].map((n) => (n / 10 ** scale.digits) * scale.micrometres) as [
        number,
        number,
      ];
      if (contour === undefined) throw new Error('a line outside of a region');
      if (point[3] === '2' && contour.length > 0) throw new Error('a second contour');
      if (point[3] === '1' && before[0] !== x && before[1] !== y) throw new Error('a slanting edge');
      contour.push([x, y]);
    } else if (command === 'G37') {
      if (contour!.at(-1)!.join() !== contour![0]!.join()) throw new Error('an open contour');
      fills.push({ dark, contour: contour! });
      contour = undefined;
    } else if (command === 'M02') ended = true;
    else if (!/^G04|^G01$/.test(command)) throw new Error(`the command ${command}`);
  }
  if (!ended) throw new Error('no end');
  return fills;
}

export function contains(contour: Contour, x: number, y: number): boolean {
  let inside = false;
  for (const [k, [bx, by]] of contour.entries()) {
    const [ax, ay] = contour.at(k - 1)!;
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}

export function squareMicrometres(contour: Contour): number {
  const twice = contour.reduce((sum, [bx, by], k) => {
    const [ax, ay] = contour.at(k - 1)!;
    return sum + ax * by - bx * ay;
  }, 0);
  return Math.abs(twice / 2);
}
