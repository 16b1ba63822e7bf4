import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTechnology } from '../src/technology/technology.ts';
import { stageVolts } from '../src/technology/volts.ts';
import { date23, egt, TEMPLATES } from './example.ts';
import { mixedProcess } from './process.ts';

/** A copy of the technology.json of `egt`, changed, and loaded. */
function changed(...changes: readonly (readonly [from: string, to: string])[]) {
  const root = mkdtempSync(join(tmpdir(), 'neuroprint-technology-'));
  cpSync(join(TEMPLATES, 'egt'), join(root, 'egt'), { recursive: true });
  const file = join(root, 'egt', 'technology.json');
  const text = changes.reduce(
    (now, [from, to]) => {
      expect(now).toContain(from);
      return now.replaceAll(from, to);
    },
    readFileSync(file, 'utf8'),
  );
  writeFileSync(file, text);
  return loadTechnology(root, 'egt');
}

const second = '"supplies": { "vlow": { "value": -1, "source": "test" },';

describe('the volts of a technology', () => {
  it('are those of its bias rail, of the inputs from ground to it, and of sweeps twice as far', () => {
    for (const technology of [egt, date23]) {
      expect(technology.bias).toEqual({ node: 'vdd', volts: 1 });
      expect(technology.inputVolts).toEqual({ minimum: 0, maximum: 1 });
      expect(technology.sweepVolts).toEqual({ minimum: -2, maximum: 2 });
    }
  });

  it('follow the supply and its name', () => {
    const technology = changed(['"vdd"', '"vpos"'], ['"value": 1,', '"value": 0.8,']);
    expect(technology.bias).toEqual({ node: 'vpos', volts: 0.8 });
    expect(technology.inputVolts).toEqual({ minimum: 0, maximum: 0.8 });
    expect(technology.sweepVolts).toEqual({ minimum: -1.6, maximum: 1.6 });
  });

  it('can be said for the inputs and for the sweep', () => {
    const given = '"bias": "vdd", "inputVolts": { "minimum": -0.5, "maximum": 0.5 },';
    const technology = changed(['"bias": "vdd",', given]);
    expect(technology.inputVolts).toEqual({ minimum: -0.5, maximum: 0.5 });
    expect(stageVolts(technology)).toEqual({ minimum: -0.5, maximum: 1 });
  });

  it.each<[string, readonly (readonly [string, string])[], RegExp]>([
    ['no bias rail', [['"bias": "vdd",', '']], /technology\.json: bias: is missing, and has to name the supply/],
    ['a bias rail that no supply has', [['"bias": "vdd"', '"bias": "vcc"']], /bias: there is no supply vcc/],
    [
      'two supplies and no bias rail',
      [
        ['"supplies": {', second],
        ['"bias": "vdd",', ''],
      ],
      /bias: is missing/,
    ],
    [
      'two supplies of one name',
      [['"supplies": {', '"supplies": { "vdd": { "value": 2, "source": "test" },']],
      /"vdd" stands twice in one object/,
    ],
    [
      'a bias rail below ground',
      [
        ['"supplies": {', second],
        ['"bias": "vdd"', '"bias": "vlow"'],
      ],
      /bias: vlow is held at -1 V, and a bias has to be above 0 V/,
    ],
    [
      'inputs that run backwards',
      [['"bias": "vdd",', '"bias": "vdd", "inputVolts": { "minimum": 1, "maximum": 0 },']],
      /inputVolts: minimum must be below maximum/,
    ],
    [
      'a sweep that leaves out what stages see',
      [['"bias": "vdd",', '"bias": "vdd", "sweepVolts": { "minimum": -1, "maximum": 0.9 },']],
      /sweepVolts: -1 to 0\.9 V leave out volts that stages see, which are 0 to 1 V/,
    ],
  ])('are refused where it has %s', (_, changes, message) => {
    expect(() => changed(...changes)).toThrow(message);
  });

  it('are named where the bias is wrong: the hint lists the supplies', () => {
    expect(() => changed(['"bias": "vdd"', '"bias": "vcc"'])).toThrow(
      expect.objectContaining({ hint: 'The supplies are: vdd.' }),
    );
  });
});

describe('the transistors of a technology', () => {
  const contact = (value: number) => `"contactOhmMetres": { "value": ${value}, "source": "test" }, "description"`;
  const spread = (text: string) =>
    `"spread": { "scale": ["log", "linear"], "sheetShare": 0.5, "source": "test", ${text} }, "description"`;

  it.each<[string, readonly (readonly [string, string])[], RegExp]>([
    [
      'an unknown function',
      [['ln(1 + exp(u))', 'sinh(u)']],
      /transistors\.egt\.law\.drainAmperes, column 17: there is no function sinh/,
    ],
    [
      'an unknown name',
      [['(vg - vs - vth)', '(vgs - vth)']],
      /transistors\.egt\.law\.let\.u, column 2: there is no vgs/,
    ],
    [
      'a quantity with the name of a parameter',
      [['"w": "(vg', '"phi": "(vg']],
      /law\.let\.phi: phi is a parameter too/,
    ],
    ['a quantity twice', [['"w": "(vg - vd', '"u": "(vg - vd']], /"u" stands twice in one object/],
    ['a cycle', [['"u": "(vg', '"u": "(w + vg']], /law\.let\.u, column 2: w stands further down/],
    [
      'a corner',
      [['sqrt((vd - vs)^2 + eps)', '(abs(vd - vs) + abs(vg))']],
      /law\.drainAmperes: the derivative by vg is not continuous at vg = 0/,
    ],
    [
      'an infinite current',
      [['ln(1 + exp(u))', 'exp(900 * u)']],
      /law\.drainAmperes: the .* is (NaN|Infinity) at vg = /,
    ],
    [
      'the form of former versions',
      [['"transistors":', '"transistor":']],
      /: transistor: is the card of former versions/,
    ],
    ['no polarity that there is', [['"polarity": "n"', '"polarity": "x"']], /transistors\.egt\.polarity/],
    [
      'contacts that give',
      [['"description": "Printed n', `${contact(-1)}: "Printed n`]],
      /transistors\.egt\.contactOhmMetres: is -1, and may not be negative/,
    ],
    [
      'a spread of nothing',
      [
        [
          '"description": "Printed n',
          `${spread('"parameters": ["i0", "vt"], "covariance": [[1, 0], [0, 1]]')}: "Printed n`,
        ],
      ],
      /transistors\.egt\.spread: there is no parameter vt/,
    ],
    [
      'a lopsided spread',
      [
        [
          '"description": "Printed n',
          `${spread('"parameters": ["i0", "vth"], "covariance": [[1, 0.1], [0.2, 1]]')}: "Printed n`,
        ],
      ],
      /spread: the covariance of vth and i0 is 0\.2 and 0\.1/,
    ],
    [
      'an impossible spread',
      [
        [
          '"description": "Printed n',
          `${spread('"parameters": ["i0", "vth"], "covariance": [[1, 3], [3, 1]]')}: "Printed n`,
        ],
      ],
      /is larger than their variances allow/,
    ],
    [
      'a spread whose parameters contradict each other',
      [
        [
          '"description": "Printed n',
          `${spread('"parameters": ["i0", "vth", "phi"], "covariance": [[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]').replace('"scale": ["log", "linear"]', '"scale": ["log", "linear", "log"]')}: "Printed n`,
        ],
      ],
      /spread: the covariance would make a variance negative/,
    ],
    [
      'a cell with another kind',
      [['"name": "drive",', '"name": "drive", "model": "pmos",']],
      /cells\.negweight: the element drive: there is no transistor pmos \(egt\)/,
    ],
  ])('are refused where one has %s', (_, changes, message) => {
    expect(() => changed(...changes)).toThrow(message);
  });

  it('need a name in every cell where there are several', () => {
    const { name: _name, ...cell } = egt.cells.negweight!;
    expect(() =>
      mixedProcess((file) => {
        file.cells = { ...(file.cells as object), falling: cell };
      }),
    ).toThrow(/cells\.falling: .*does not say which transistor it is \(model: ekv, square, pmos, depletion, sized\)/);
  });

  it('may be measured: the number names its file, its day and its standard error', () => {
    const measured =
      '"value": 0.17649,\n          "measured": { "file": "a.csv", "date": "2026-01-05", "standardError": 0.004 }';
    const text = readFileSync(join(TEMPLATES, 'egt', 'technology.json'), 'utf8');
    const from = /"value": 0\.17649,\s*"source": "[^"]*"/.exec(text)![0];
    expect(changed([from, measured]).transistors.egt!.parameters[1]).toBe(0.17649);
  });
});

describe('the faults that a technology adds', () => {
  const withFaults = (faults: string) => () => changed(['"bias": "vdd",', `"bias": "vdd", "faults": ${faults},`]);
  const ohms = '{ "value": 100000, "source": "test" }';

  it('are kinds with their ohms or their factor', () => {
    const { faults } = withFaults(
      `[{ "kind": "gate-source short", "ohms": ${ohms} }, { "kind": "factor", "factor": { "value": 3, "source": "test" } }]`,
    )();
    expect(faults).toEqual([
      { kind: 'gate-source short', ohms: 1e5 },
      { kind: 'factor', factor: 3 },
    ]);
  });

  it('are refused where the kind is unknown, says too little or too much, or nothing new', () => {
    expect(withFaults('[{ "kind": "melted" }]')).toThrow(/technology\.json.*faults/s);
    expect(withFaults('[{ "kind": "open" }]')).toThrow(/faults\.0 \(open\): needs ohms above 0/);
    expect(withFaults('[{ "kind": "no channel" }]')).toThrow(/faults\.0 \(no channel\): stands in every list already/);
    expect(withFaults(`[{ "kind": "factor", "ohms": ${ohms} }]`)).toThrow(/needs a factor above 0 that is not 1/);
    expect(withFaults('[]')).toThrow(/faults/);
  });
});
