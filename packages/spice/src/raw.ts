/** One plot of a raw file: `values` is row-major [points × variables]. */
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

const NEWLINE = 10;

/**
 * Parses ngspice's binary raw format: per plot a text header that ends in `Binary:`, then points × variables
 * little-endian float64. A header is believed only as far as the bytes go. Throws RawFormatError.
 */
export function parseRaw(bytes: Uint8Array): Plot[] {
  const plots: Plot[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = new Map<string, string>();
    const variables: string[] = [];
    let inVariables = false;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0) throw new RawFormatError(`plot ${plots.length} has no data`);
      const line = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('latin1');
      at = end + 1;
      if (line === 'Binary:') break;
      if (line === 'Values:') throw new RawFormatError('the raw file is text, and binary is needed');
      const [, key, value] = /^([A-Za-z. ]+):\s*(.*)$/.exec(line) ?? [];
      if (inVariables && line.startsWith('\t')) variables.push(line.split('\t')[2]!.toLowerCase());
      else if (key !== undefined) {
        header.set(key, value!);
        inVariables = key === 'Variables';
      } else if (line.trim() !== '') throw new RawFormatError(`a header line that is none: ${line.slice(0, 60)}`);
    }
    if (!/\breal\b/.test(header.get('Flags') ?? '')) throw new RawFormatError('the values are not real numbers');
    const points = Number(header.get('No. Points'));
    if (!Number.isInteger(points) || Number(header.get('No. Variables')) !== variables.length) {
      throw new RawFormatError('the header contradicts itself');
    }
    const size = points * variables.length;
    if (at + size * 8 > bytes.length) {
      throw new RawFormatError(
        `the header of plot ${plots.length} claims ${points} points and the file ends before them (disk full?)`,
      );
    }
    const values = new Float64Array(size);
    new Uint8Array(values.buffer).set(bytes.subarray(at, at + size * 8));
    at += size * 8;
    plots.push(makePlot(header.get('Plotname') ?? '', variables, points, values));
  }
  return plots;
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
      return Float64Array.from({ length: points }, (_, row) => values[row * variables.length + k]!);
    },
  };
}
