import type { Layer, Process } from '../process.ts';

/**
 * KLayout's DRC script of a technology under a rule set: the rules that `checkRules` has, in KLayout's words. Its last line is the number
 * of violations; they stand in layout.lyrdb, which KLayout shows.
 */
export function drcScript(process: Process, top: string): string {
  const { technology, rules, layers, bottom, top: upper, dielectric, cut, gate, gateDielectric } = process;
  const printed = layers.filter(({ role }) => role !== 'title' && (role !== 'via' || cut !== undefined));
  const um = (units: number): string => `${units / 1000}.um`;
  const lines: string[] = [];
  const rule = (name: string, expression: string): void => {
    lines.push(`told.call(${expression}, '${name}')`);
  };
  const name = ({ name: own }: Layer): string => own;
  const closed = cut === undefined ? name(dielectric) : `(${name(dielectric)} - ${name(cut)})`;
  for (const layer of printed) {
    lines.push(`told.call(${name(layer)}.ongrid(${um(process.grid)}), '${name(layer)}: grid')`);
    if (layer.role === 'via') continue;
    rule(`${name(layer)}: smallest width`, `${name(layer)}.width(${um(layer.width)})`);
    if (layer !== bottom || gateDielectric === undefined)
      rule(`${name(layer)}: gap`, `${name(layer)}.space(${um(layer.gap)})`);
    else {
      lines.push(`near = ${name(bottom)}.space(${um(layer.gap)}).polygons`);
      rule('bottom: gap', `near.not_inside(${name(gateDielectric)})`);
      rule(
        'bottom: channel length',
        // as the crow flies, an edge that goes on beyond the channel would reach out of the dielectric with a part of itself
        `${name(bottom)}.space(${um(process.channel)}, projection).polygons.inside(${name(gateDielectric)})`,
      );
    }
  }
  lines.push('', `contact = (${name(bottom)} & ${name(upper)}) - ${closed}`);
  rule('via width', `contact.width(${um(process.viaWidth)})`);
  rule('via gap', `contact.space(${um(process.viaGap)})`);
  const crossed = `(${name(bottom)} & ${name(upper)})${cut === undefined ? ` & ${name(dielectric)}` : ''}`;
  rule('enclosure of a crossing', `(${crossed}).sized(${um(process.crossing)}) - ${name(dielectric)}`);
  if (cut !== undefined)
    for (const metal of [bottom, upper])
      rule(`${name(metal)}: enclosure of a cut`, `${name(cut)}.sized(${um(process.viaEnclosure)}) - ${name(metal)}`);
  const apart = (layer: string, other: Layer | undefined, words = layer): void => {
    if (other !== undefined)
      rule(`${words}: apart from ${name(other)}`, `${layer}.sized(${um(process.apart - 1)}) & ${name(other)}`);
  };
  for (const ink of process.inks) {
    lines.push('', `pads = ${name(ink)} & ${name(bottom)}`);
    rule(`${name(ink)}: overlap of ink and metal`, `pads.width(${um(process.inkOverlap)})`);
    rule(
      `${name(ink)}: metal beyond ink`,
      `(pads.sized(${um(process.inkEnclosure)}) - ${name(bottom)}).non_rectangles`,
    );
    const later = process.inks.filter((other) => other.index > ink.index);
    for (const other of [upper, dielectric, ...process.semiconductors, gate, gateDielectric, ...later])
      apart(name(ink), other);
  }
  if (gate !== undefined && gateDielectric !== undefined) {
    for (const layer of process.semiconductors) {
      lines.push('', `over = ${name(layer)}.interacting(${name(bottom)})`);
      rule(
        `${name(layer)}: overlap of semiconductor and metal`,
        `(over & ${name(bottom)}).width(${um(process.overlap)})`,
      );
      rule(
        `${name(layer)}: gate dielectric beyond semiconductor`,
        `over.sized(${um(process.transistorEnclosure)}) - ${name(gateDielectric)}`,
      );
      rule(
        `${name(layer)}: gate beyond the channel`,
        `(over - ${name(bottom)}).sized(${um(process.overlap)}) - ${name(gate)}`,
      );
      for (const other of [upper, dielectric]) apart(name(layer), other);
    }
    for (const other of [upper, dielectric]) apart(name(gateDielectric), other);
    apart(`(${name(gate)} - ${name(gateDielectric)})`, bottom, name(gate));
    apart(name(gate), dielectric);
  }
  return [
    `# Checks the layout of a circuit in ${technology.name} by the rules ${rules}:`,
    `#   klayout -b -r layout.drc`,
    '# Other files: -rd input=… -rd report=…',
    `here = File.dirname(File.expand_path(__FILE__))`,
    `source($input || File.join(here, 'layout.gds'), '${top}')`,
    `report('rules ${rules} of ${technology.name}', $report || File.join(here, 'layout.lyrdb'))`,
    'violations = 0',
    'told = lambda do |found, rule|',
    '  violations += found.count',
    '  puts "#{rule}: #{found.count}" if found.count > 0',
    '  found.output(rule)',
    'end',
    ...printed.map((layer) => `${name(layer)} = input(${layer.gds.layer}, ${layer.gds.datatype})`),
    '',
    ...lines,
    'puts "#{violations} violations"',
    '',
  ].join('\n');
}
