/**
 * One plot of a raw file: `values` is row-major [points × variables]. A complex variable `pole(1)` is two, `re(pole(1))` and
 * `im(pole(1))`.
 */
export interface Plot {
  readonly name: string;
  /** Lower case, as ngspice names them: `v(out)`, `v-sweep`. */
  readonly variables: readonly string[];
  readonly points: number;
  readonly values: Float64Array;
  /** The values of one variable. Throws RawFormatError where the plot has none of that name. */
  column(name: string): Float64Array;
}

/** The raw file is not what its header says. */
export class RawFormatError extends Error {
  override readonly name = 'RawFormatError';
}

const DATA_MARK = new TextEncoder().encode('\nBinary:\n');
const TEXT_MARK = new TextEncoder().encode('\nValues:\n');

interface Header {
  readonly text: Uint8Array;
  readonly name: string;
  readonly variables: readonly string[];
  readonly points: number;
}

/**
 * Parses ngspice's binary raw format: per plot a text header that ends in `Binary:`, then points × variables
 * little-endian float64. A header is believed only as far as the bytes go. Throws RawFormatError.
 */
export function parseRaw(bytes: Uint8Array): Plot[] {
  const plots: Plot[] = [];
  let header: Header | undefined;
  for (let at = 0; at < bytes.length; ) {
    // the plots of one run have the same header, but for the time of day
    if (header === undefined || !standsAt(bytes, header.text, at)) {
      const mark = indexOf(bytes, DATA_MARK, at);
      if (mark < 0) {
        const isText = indexOf(bytes, TEXT_MARK, at) >= 0;
        throw new RawFormatError(
          isText ? 'the raw file is text, and binary is needed' : `plot ${plots.length} has no data`,
        );
      }
      header = parseHeader(bytes.subarray(at, mark + DATA_MARK.length));
    }
    at += header.text.length;
    const { name, variables, points } = header;
    const size = points * variables.length;
    if (at + size * 8 > bytes.length) {
      throw new RawFormatError(
        `the header of plot ${plots.length} claims ${points} points and the file ends before them (disk full?)`,
      );
    }
    const values = new Float64Array(size);
    new Uint8Array(values.buffer).set(bytes.subarray(at, at + size * 8));
    at += size * 8;
    plots.push(makePlot(name, variables, points, values));
  }
  return plots;
}

/** Whether the bytes have these at this place. */
function standsAt(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  return at + wanted.length <= bytes.length && wanted.every((byte, i) => bytes[at + i] === byte);
}

/** The first place, from `at` on, where the bytes have these; -1 where there is none. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array, at: number): number {
  for (let from = bytes.indexOf(wanted[0]!, at); from >= 0; from = bytes.indexOf(wanted[0]!, from + 1))
    if (standsAt(bytes, wanted, from)) return from;
  return -1;
}

function parseHeader(text: Uint8Array): Header {
  const fields = new Map<string, string>();
  const variables: string[] = [];
  let inVariables = false;
  for (const line of new TextDecoder('latin1').decode(text).trimEnd().split('\n').slice(0, -1)) {
    const [, key, value] = /^([A-Za-z. ]+):\s*(.*)$/.exec(line) ?? [];
    if (inVariables && line.startsWith('\t')) variables.push(line.split('\t')[2]!.toLowerCase());
    else if (key !== undefined) {
      fields.set(key, value!);
      inVariables = key === 'Variables';
    } else if (line.trim() !== '') throw new RawFormatError(`a header line that is none: ${line.slice(0, 60)}`);
  }
  const flags = fields.get('Flags') ?? '';
  const isComplex = /\bcomplex\b/.test(flags);
  if (!isComplex && !/\breal\b/.test(flags)) throw new RawFormatError('the values are neither real nor complex');
  const points = Number(fields.get('No. Points'));
  if (!Number.isInteger(points) || points < 0 || Number(fields.get('No. Variables')) !== variables.length) {
    throw new RawFormatError('the header contradicts itself');
  }
  const columns = isComplex ? variables.flatMap((variable) => [`re(${variable})`, `im(${variable})`]) : variables;
  return { text, name: fields.get('Plotname') ?? '', variables: columns, points };
}

function makePlot(name: string, variables: readonly string[], points: number, values: Float64Array): Plot {
  return {
    name,
    variables,
    points,
    values,
    column(wanted) {
      const k = variables.indexOf(wanted);
      if (k < 0) throw new RawFormatError(`the plot has no ${wanted} (it has ${variables.slice(0, 8).join(', ')}, …)`);
      const column = new Float64Array(points);
      for (let row = 0; row < points; row += 1) column[row] = values[row * variables.length + k]!;
      return column;
    },
  };
}
