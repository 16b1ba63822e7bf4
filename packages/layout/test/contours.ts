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

/** Closed polylines of a DXF of R12 by layer, in pairs of a group code and a value; written from the format's description, for tests. */
export function readDxf(text: string): Map<string, Contour[]> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length % 2 !== 0) throw new Error('lines do not pair up');
  const pairs = Array.from({ length: lines.length / 2 }, (_, k) => [Number(lines[2 * k]), lines[2 * k + 1]!] as const);
  if (!pairs.some(([code, value]) => code === 1 && value === 'AC1009')) throw new Error('no R12');
  const found = new Map<string, [number, number][][]>();
  let section = '';
  let [kind, layer] = ['', ''];
  let current: [number, number][] | undefined;
  for (const [k, [code, value]] of pairs.entries()) {
    if (code === 0) kind = value;
    if (code === 2 && kind === 'SECTION') section = value;
    if (code === 2 && kind === 'LAYER') found.set(value, []);
    if (section !== 'ENTITIES') continue;
    if (code === 8) layer = value;
    if (code === 70 && kind === 'POLYLINE') {
      if (value !== '1') throw new Error('an open polyline');
      current = [];
      found.get(layer)!.push(current);
    }
    if (code === 0 && value === 'SEQEND') current = undefined;
    if (code === 10 && kind === 'VERTEX') {
      const [next, y] = pairs[k + 1]!;
      if (next !== 20) throw new Error('a vertex without y');
      current!.push([1e3 * Number(value), 1e3 * Number(y)]);
    }
  }
  if (pairs.at(-1)!.join() !== '0,EOF') throw new Error('no end');
  return found;
}
