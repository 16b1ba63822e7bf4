import type { Technology } from '@neuroprint/circuit';
import type { Process } from '../process.ts';
import type { Reference } from './reference.ts';

const MICROMETRES = 1e6;
/** A net of no name in KLayout's SPICE. */
const BULK = 'BULK';

/** Name of the device class of an ink. */
function inkClass(ink: string): string {
  return `RES_${ink}`.toUpperCase();
}

function transistorClass(model: string | undefined): string {
  return (model ?? 'TFT').toUpperCase();
}

/** The netlist in the SPICE that KLayout reads: resistors and four-terminal transistors, op-amps left out. */
export function klayoutNetlist({ ports, devices }: Reference, top: string, technology: Technology): string {
  const inks = technology.layout!.layers.filter(({ role }) => role === 'resistor');
  const lines = devices.map((device, k) => {
    if (device.kind === 'resistor')
      return `R${k} ${device.nodes.join(' ')} ${device.ohms} ${inkClass(inks[0]!.ink!)} $ ${device.name}`;
    const { nodes, gate, widthMetres, lengthMetres, model, name } = device;
    const [width, length] = [widthMetres, lengthMetres].map(
      (metres) => `${Number((metres * MICROMETRES).toPrecision(12))}U`,
    );
    return `M${k} ${nodes[0]} ${gate} ${nodes[1]} ${BULK} ${transistorClass(model)} L=${length} W=${width} $ ${name}`;
  });
  return [
    `* ${top} for KLayout`,
    `.SUBCKT ${top} ${ports.join(' ')} ${BULK}`,
    ...lines.map((line) => line.replace(/ \$.*/, '')),
    '.ENDS',
    '',
  ].join('\n');
}

/** The layers of a script by name. */
function inputs(process: Process): string[] {
  const { layers, cut } = process;
  return layers
    .filter((layer) => layer.role !== 'title' && (layer.role !== 'via' || cut !== undefined))
    .map(({ name, gds }) => `${name} = input(${gds.layer}, ${gds.datatype})`);
}

/**
 * KLayout's LVS script of a technology: what conducts, what a resistor and a transistor are, and the comparison with the netlist beside
 * the layout. Its last line says `LVS clean` or `LVS differs`, and it ends with 1 where it differs.
 */
export function lvsScript(process: Process, top: string, ports: readonly string[]): string {
  const {
    technology,
    bottom,
    top: upper,
    dielectric,
    cut,
    gate,
    gateDielectric,
    inks,
    semiconductors,
    layers,
    rules,
  } = process;
  const labels = layers
    .filter(({ role }) => role === 'bottom metal' || role === 'top metal' || role === 'gate')
    .map(({ name, gds }) => ({ name, text: `labels(${gds.layer}, ${gds.datatype + 1})` }));
  const transistors = gate === undefined || gateDielectric === undefined ? [] : semiconductors;
  const closed = cut === undefined ? dielectric.name : `(${dielectric.name} - ${cut.name})`;
  return [
    `# Reads the layout of a circuit in ${technology.name} (rules ${rules}) back and compares it with its netlist:`,
    `#   klayout -b -r layout.lvs`,
    `# Other files: -rd input=… -rd schematic=… -rd report=… -rd extracted=…`,
    `here = File.dirname(File.expand_path(__FILE__))`,
    `source($input || File.join(here, 'layout.gds'), '${top}')`,
    `report_lvs($report || File.join(here, 'layout.lvsdb'))`,
    ...inputs(process),
    '',
    '# the metals meet where no dielectric is between them',
    `contact = (${bottom.name} & ${upper.name}) - ${closed}`,
    `connect(${bottom.name}, contact)`,
    `connect(${upper.name}, contact)`,
    ...labels.map(({ name, text }) => `connect(${name}, ${text})`),
    ...(transistors.length === 0
      ? []
      : [
          '',
          '# gate ink touches top metal, and bottom metal where nothing is between',
          `over = ${gate!.name} & ${upper.name}`,
          `under = (${gate!.name} & ${bottom.name}) - ${gateDielectric!.name} - ${closed} - ${upper.name}`,
          `connect(${gate!.name}, over)`,
          `connect(${upper.name}, over)`,
          `connect(${gate!.name}, under)`,
          `connect(${bottom.name}, under)`,
        ]),
    ...transistors.flatMap(({ name, model }) => [
      '',
      '# W along the electrodes, L between them; a printed transistor has no bulk, and SPICE wants one: a net of its own',
      `channel_${name} = (${name} & ${gate!.name} & ${gateDielectric!.name}) - ${bottom.name}`,
      `ends_${name} = ${bottom.name} & ${name}`,
      `bulk_${name} = ${name}.sized(1.um)`,
      `extract_devices(mos4('${transistorClass(model)}'), { 'SD' => ends_${name}, 'G' => channel_${name}, 'W' => bulk_${name}, 'tS' => ${bottom.name}, 'tD' => ${bottom.name}, 'tG' => ${gate!.name}, 'tB' => bulk_${name} })`,
      `connect_global(bulk_${name}, '${BULK}')`,
    ]),
    ...inks.flatMap(({ name, ink, inkSheetOhms }) => [
      '',
      `# resistors: legs of ${ink} ink between pieces of bottom metal; ink that touches none is a mark`,
      `touched_${name} = ${bottom.name} - (${name} & ${closed})`,
      `body_${name} = ${name}.interacting(${bottom.name} + ${upper.name}) - touched_${name} - ${upper.name}`,
      `pads_${name} = ${name} & touched_${name}`,
      `extract_devices(resistor('${inkClass(ink)}', ${inkSheetOhms}), { 'R' => body_${name}, 'C' => pads_${name}, 'tA' => ${bottom.name}, 'tB' => ${bottom.name} })`,
    ]),
    '',
    `schematic($schematic || File.join(here, 'layout.cir'))`,
    ...inks.map(({ ink }) => `tolerance('${inkClass(ink)}', 'R', :relative => 0.01)`),
    ...transistors.flatMap(({ model }) =>
      ['W', 'L'].map(
        (value) =>
          `tolerance('${transistorClass(model)}', '${value}', :absolute => ${process.grid / 1000}, :relative => 0.001)`,
      ),
    ),
    '# legs in series become one resistor',
    'netlist.simplify',
    'schematic.simplify',
    '# what leads to a pad is the node of that name',
    ...ports.map((port) => `same_nets!('${top}', '${port}', '${port}')`),
    'clean = compare',
    '# a pad that was cut off touches no device, and KLayout would leave it out',
    `ports = %w(${ports.join(' ')})`,
    'has = lambda { |list, port| list.each_circuit.any? { |c| c.each_net.any? { |net| net.name.downcase == port } } }',
    'lost = ports.select { |port| has.call(schematic, port) && !has.call(netlist, port) }',
    `lost.each { |port| puts "#{port} leads nowhere" }`,
    'clean &&= lost.empty?',
    `target_netlist($extracted || File.join(here, 'layout.extracted.cir'), write_spice(true))`,
    `puts clean ? 'LVS clean' : 'LVS differs'`,
    '',
  ].join('\n');
}
