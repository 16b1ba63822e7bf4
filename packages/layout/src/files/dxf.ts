import type { PrintedLayer } from './printed.ts';

type Pair = readonly [code: number, value: string | number];

/** All layers as one DXF of AutoCAD R12 in millimetres: a closed polyline for every outline and every hole, on the layer's name. */
export function writeDxf(layers: readonly PrintedLayer[]): string {
  const pairs: Pair[] = [
    ...section('HEADER', [
      [9, '$ACADVER'],
      [1, 'AC1009'],
    ]),
    ...section('TABLES', [
      [0, 'TABLE'],
      [2, 'LAYER'],
      [70, layers.length],
      ...layers.flatMap(({ layer }, k): Pair[] => [
        [0, 'LAYER'],
        [2, layer.name],
        [70, 0],
        [62, k + 1],
        [6, 'CONTINUOUS'],
      ]),
      [0, 'ENDTAB'],
    ]),
    ...section(
      'ENTITIES',
      layers.flatMap(({ layer, region }) => region.flatMap((path) => polyline(layer.name, path))),
    ),
    [0, 'EOF'],
  ];
  return `${pairs.map(([code, value]) => `${String(code).padStart(3)}\n${value}`).join('\n')}\n`;
}

function section(name: string, pairs: readonly Pair[]): Pair[] {
  return [[0, 'SECTION'], [2, name], ...pairs, [0, 'ENDSEC']];
}

function polyline(layer: string, path: PrintedLayer['region'][number]): Pair[] {
  return [
    [0, 'POLYLINE'],
    [8, layer],
    // vertices follow; closed
    [66, 1],
    [10, '0.0'],
    [20, '0.0'],
    [30, '0.0'],
    [70, 1],
    ...path.flatMap(({ x, y }): Pair[] => [
      [0, 'VERTEX'],
      [8, layer],
      [10, millimetres(x)],
      [20, millimetres(y)],
      [30, '0.0'],
    ]),
    [0, 'SEQEND'],
    [8, layer],
  ];
}

/** Nanometres in millimetres, with no digit lost. */
function millimetres(nanometres: number): string {
  const digits = String(Math.abs(nanometres)).padStart(7, '0');
  return `${nanometres < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
