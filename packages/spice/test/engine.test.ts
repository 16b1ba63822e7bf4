import { buildDeck, EngineMissingError, SimulationError, SimulationTimeoutError } from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { EmbeddedEngine } from '../dist/engine/embedded-engine.js';
import { inspectNgspice, NgspiceEngine } from '../dist/engine/ngspice-engine.js';
import { describeEngines } from './engines.ts';

const DIVIDER = 'v1 top 0 1\nr1 top mid 1e3\nr2 mid 0 3e3';
const OPERATING_POINT = ['op', 'write result.raw', 'destroy all'];

describeEngines('an engine', (engine) => {
  it('gives the operating point of a divider', async () => {
    const [plot] = await engine().run(buildDeck(DIVIDER, OPERATING_POINT));
    expect(plot!.points).toBe(1);
    expect(plot!.column('v(mid)')[0]).toBeCloseTo(0.75, 14);
    expect(() => plot!.column('v(nowhere)')).toThrow(/no v\(nowhere\)/);
  });

  it('runs several decks in a row and gives each its own result', async () => {
    const decks = [1, 2, 3].map((ohms) => buildDeck(`v1 top 0 1\nr1 top mid 1\nr2 mid 0 ${ohms}`, OPERATING_POINT));
    const results = await Promise.all(decks.map((deck) => engine().run(deck)));
    const volts = results.map((plots) => plots[0]!.column('v(mid)')[0]);
    expect(volts[0]).toBeCloseTo(1 / 2, 14);
    expect(volts[1]).toBeCloseTo(2 / 3, 14);
    expect(volts[2]).toBeCloseTo(3 / 4, 14);
    expect(engine().cpuSeconds()).toBeGreaterThanOrEqual(0);
  });

  it('gives all plots of one deck in order', async () => {
    const commands = [1, 2].flatMap((ohms) => [`alter r2=${ohms}`, ...OPERATING_POINT]);
    const plots = await engine().run(buildDeck('v1 top 0 1\nr1 top mid 1\nr2 mid 0 5', commands));
    expect(plots.map((plot) => plot.column('v(mid)')[0]!.toFixed(6))).toEqual(['0.500000', '0.666667']);
  });

  it('never returns the result of an earlier deck for a circuit without a solution', async () => {
    await engine().run(buildDeck(DIVIDER, OPERATING_POINT));
    const parallel = 'v1 top 0 1\nv2 top 0 2\nr1 top 0 1';
    await expect(engine().run(buildDeck(parallel, OPERATING_POINT))).rejects.toThrow(SimulationError);
    const [plot] = await engine().run(buildDeck(DIVIDER, OPERATING_POINT));
    expect(plot!.column('v(mid)')[0]).toBeCloseTo(0.75, 14);
  });

  it('says that the circuit is singular', async () => {
    const floating = 'v1 top 0 1\nr1 top 0 1\nl1 a 0 1\nv2 a 0 1';
    await expect(engine().run(buildDeck(floating, OPERATING_POINT))).rejects.toThrow(
      /singular|operating point|no result/,
    );
  });

  it('refuses a deck that is garbage, with the end of the log', async () => {
    const error = await engine()
      .run('this is\nno netlist at all )))\n')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SimulationError);
    expect((error as SimulationError).exitCode).toBe(1);
    expect((error as SimulationError).engine).toContain('ngspice');
  });

  it('does not believe a script that gave up half-way, although ngspice exits 0', async () => {
    const deck = buildDeck(DIVIDER, [...OPERATING_POINT, 'quit 0']);
    await expect(engine().run(deck, { timeoutMilliseconds: 3000 })).rejects.toThrow(
      /gave up|broke down|without a result/,
    );
  });

  it('stops a deck that never ends and works again afterwards', async () => {
    const endless = buildDeck(DIVIDER, ['while 1', 'let a = 1', 'end']);
    await expect(engine().run(endless, { timeoutMilliseconds: 1500 })).rejects.toThrow(SimulationTimeoutError);
    const [plot] = await engine().run(buildDeck(DIVIDER, OPERATING_POINT));
    expect(plot!.column('v(mid)')[0]).toBeCloseTo(0.75, 14);
  });

  it('shows a sweep that got stuck as a plot that is too short', async () => {
    // i = 1/v has a branch for 1 V of drive and none below the fold
    const fold = 'v1 top 0 0\nr1 top mid 1\nb1 mid 0 i=v(mid)*v(mid)+1';
    const plots = await engine()
      .run(buildDeck(fold, ['dc v1 2 0 -0.1', 'write result.raw', 'destroy all']))
      .catch(() => []);
    expect(plots.every((plot) => plot.points < 21)).toBe(true);
  });
});

describe('engines that are not there', () => {
  it('reports a missing binary with what to do', () => {
    const report = inspectNgspice('/nowhere');
    expect(report).toMatchObject({ usable: false, problem: 'not on the PATH' });
    expect(report.whatToDo).toContain('install');
    expect(() => new NgspiceEngine(report)).toThrow(EngineMissingError);
  });

  it('answers for the deck it was given, in a worker that another engine has used', async () => {
    const first = await EmbeddedEngine.open();
    await first.run(buildDeck(DIVIDER, OPERATING_POINT));
    await first.close();
    await expect(first.run(buildDeck(DIVIDER, OPERATING_POINT))).rejects.toThrow(/was closed before the run/);
    const second = await EmbeddedEngine.open();
    const [plot] = await second.run(buildDeck('v1 top 0 2\nr1 top mid 1\nr2 mid 0 1', OPERATING_POINT));
    await second.close();
    expect([plot!.points, plot!.column('v(mid)')[0]]).toEqual([1, 1]);
    expect(() => plot!.column('v(nowhere)')).toThrow(/no v\(nowhere\)/);
  });

  it('gives the same bits in long runs, whose code is compiled for speed, as in short ones', async () => {
    const engine = await EmbeddedEngine.open();
    const curve = 'v1 top 0 0\nr1 top mid 1\nb1 mid 0 i=exp(v(mid))-1';
    const deck = buildDeck(curve, ['dc v1 0 1 0.001', 'write result.raw', 'destroy all']);
    const [short] = await engine.run(deck);
    const [long] = await engine.run(deck, { values: 1e6 });
    const [again] = await engine.run(deck);
    await engine.close();
    expect(short!.points).toBe(1001);
    expect(long!.values).toEqual(short!.values);
    expect(again!.values).toEqual(short!.values);
  });

  it('leaves no worker behind when the embedded engine is closed while it runs', async () => {
    const engine = await EmbeddedEngine.open();
    const run = engine.run(buildDeck(DIVIDER, ['while 1', 'let a = 1', 'end']));
    const outcome = expect(run).rejects.toThrow(SimulationError);
    await engine.close();
    await outcome;
  });
});
