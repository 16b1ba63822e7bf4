import { expect, test } from 'vitest';
import { formatCaseTable, parseCaseTable } from '../src/tables/case-table.ts';
import { isInVolts, rangeInWords, sensorInWords } from '../src/tables/sensor.ts';

const sensors = [
  { name: 'temperature (°C)', minimum: -10, maximum: 40 },
  { name: 'humidity', minimum: 20, maximum: 95, minimumVolts: 0.25, maximumVolts: 0.75 },
  { name: 'probe [V]', minimum: 0, maximum: 1 },
];

test('a voltage is told in the unit of its sensor, which stands in the name of the column', () => {
  expect(sensorInWords(sensors[0]!, 0.5)).toBe('15 °C');
  expect(sensorInWords(sensors[0]!, 1 / 3)).toBe('6.667 °C');
  expect(sensorInWords(sensors[1]!, 0.25)).toBe('20');
  expect(rangeInWords(sensors[0]!)).toBe('temperature (°C), -10 °C at 0 V and 40 °C at 1 V');
  expect(rangeInWords(sensors[1]!)).toBe('humidity, 20 at 0.25 V and 95 at 0.75 V');
  expect(sensors.map(isInVolts)).toEqual([false, false, true]);
  expect(rangeInWords(sensors[2]!)).toBe('probe [V]');
});

test('a table of cases has the values of sensors beside the volts, and is read as without them', () => {
  const circuit = { inputs: ['in0', 'in1', 'in2'], outputs: ['y0', 'y1'], classes: ['a', 'b'] };
  const cases = {
    rows: 1,
    nodes: ['y0', 'y1'],
    volts: Float64Array.of(0.1, 0.9),
    inputVolts: Float64Array.of(0.5, 0.5, 0.5),
    labels: Int32Array.of(1),
    sourceRows: Int32Array.of(7),
  };
  const text = formatCaseTable(cases, circuit, sensors);
  expect(text.split('\n').slice(0, 2)).toEqual([
    'case,row,label,in0,in1,in2,in0: temperature (°C),in1: humidity,y0,y1,decision',
    '0,7,b,0.5,0.5,0.5,15,57.5,0.1,0.9,b',
  ]);
  expect(parseCaseTable('expected.csv', text, circuit)).toEqual(cases);
  expect(formatCaseTable(cases, circuit)).not.toContain(': ');
});
