import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const SURROGATES = process.env.NEUROPRINT_TEST_SURROGATES ?? join(ROOT, 'surrogates');
const hasSurrogates = existsSync(join(SURROGATES, 'egt', 'ptanh', 'surrogate.json'));
const folder = temporaryFolder();
const tables = join(folder, 'tables');
mkdirSync(tables);
copyFileSync(IRIS, join(tables, 'iris.csv'));

describe.skipIf(!hasSurrogates)('the ablation of the paper', () => {
  const out = join(folder, 'ablation');
  const args = ['bench', 'date23', '--data', tables, '--out', out, '--surrogates', SURROGATES, '--seeds', '1'];
  const short = [...args, '--epochs', '12'];
  interface Answer {
    readonly trained: number;
    readonly resumed: number;
    readonly overall: readonly { readonly case: string; readonly mean: number }[];
  }

  it('goes on where it was, to the same table', async () => {
    const first = await json<Answer>(short);
    expect(first).toMatchObject({ trained: 13, resumed: 0 });
    expect(first.overall).toHaveLength(16);
    const table = readFileSync(join(out, 'table.md'), 'utf8');
    expect(table).toContain('### Tested under 10 % variation');
    expect(readFileSync(join(out, 'table.csv'), 'utf8').split('\n')[0]).toContain('dataset,activation,case');
    expect(readFileSync(join(out, 'table.svg'), 'utf8')).toContain('<svg');
    const again = await json<Answer>([...short, '--workers', '2']);
    expect(again).toMatchObject({ trained: 0, resumed: 13, overall: first.overall });
    expect(readFileSync(join(out, 'table.md'), 'utf8')).toBe(table);
  });

  it('trains the cases that are asked for', async () => {
    const only = await json<Answer>(
      short.map((word) => (word === out ? join(folder, 'only') : word)).concat('--cases', 'digital'),
    );
    expect(only.trained).toBe(1);
    expect(only.overall.map((line) => line.case)).toEqual(['digital', 'digital']);
  });

  it('refuses rows of other options, and damaged ones', async () => {
    const other = await neuroprint([...args, '--epochs', '13']);
    expect(other.code).toBe(2);
    expect(other.err).toContain('was made with other data, surrogates or options');
    const row = readdirSync(join(out, 'rows'))[0]!;
    writeFileSync(join(out, 'rows', row), '{"dataset": "ir');
    const damaged = await neuroprint(short);
    expect(damaged.code).toBe(2);
    expect(damaged.err).toContain('is damaged');
  });
});

describe.skipIf(!hasSurrogates)('a sweep', () => {
  it('summarises sizes over folds and marks the front', async () => {
    const out = join(folder, 'sweep');
    const options = ['--hidden', '2;3', '--prices', '0,0.05', '--folds', '3', '--seeds', '1', '--epochs', '10'];
    const { choices, front, command } = await json<{
      choices: { trainings: number }[];
      front: unknown[];
      command: string;
    }>([...['sweep', '--data', IRIS, '--out', out, '--surrogates', SURROGATES], ...options]);
    expect(choices.map(({ trainings }) => trainings)).toEqual([3, 3, 3, 3]);
    expect(front.length).toBeGreaterThan(0);
    expect(existsSync(join(out, 'sweep.svg'))).toBe(true);
    expect(readdirSync(join(out, 'networks'))).toHaveLength(12);
    // networks of folds know other rows than the table's own split has
    expect(command).toMatch(/^neuroprint train --data \S+ .*--hidden [23] .*--power-price 0 /);
  });

  it('made in shards and joined is the sweep made at once', async () => {
    const options = ['--data', IRIS, '--surrogates', SURROGATES, '--hidden', '2', '--seeds', '1', '--epochs', '10'];
    const prices = ['--power-prices', '0,0.1'];
    const run = (out: string, ...more: string[]) =>
      json<{ trained: number; choices: unknown }>([
        ...['pareto', ...options, ...prices, '--out', join(folder, out)],
        ...more,
      ]);
    const whole = await run('whole');
    expect((await run('part0', '--shard', '0/2')).trained).toBe(1);
    expect((await run('part1', '--shard', '1/2')).trained).toBe(1);
    const joined = await run('joined', '--merge', `${join(folder, 'part0')},${join(folder, 'part1')}`);
    expect(joined).toMatchObject({ trained: 0, choices: whole.choices });
    expect(readdirSync(join(folder, 'joined', 'networks'))).toEqual(readdirSync(join(folder, 'whole', 'networks')));
    expect(readFileSync(join(folder, 'joined', 'sweep.svg'), 'utf8')).toBe(
      readFileSync(join(folder, 'whole', 'sweep.svg'), 'utf8'),
    );
  });
});

describe.skipIf(!hasSurrogates)('trainings as jobs', () => {
  const options = ['--data', IRIS, '--surrogates', SURROGATES, '--hidden', '2', '--prices', '0', '--epochs', '10'];

  it('are shared by two commands on one folder, which come to the same', async () => {
    const args = ['sweep', ...options, '--seeds', '4', '--out', join(folder, 'shared')];
    const [one, other] = await Promise.all([json<{ choices: unknown }>(args), json<{ choices: unknown }>(args)]);
    expect(one!.choices).toEqual(other!.choices);
    const state = await json<{ cost: { measured: number } }>(['jobs', join(folder, 'shared')]);
    expect(state).toMatchObject({ what: 'sweep of iris', total: 4, done: 4, failed: 0, cost: { measured: 4 } });
  });

  it('that fail are told first and by exit code 3, and are tried again', async () => {
    const out = join(folder, 'failing');
    mkdirSync(out);
    writeFileSync(join(out, 'networks'), 'a file where the folder of the networks should be');
    const args = ['sweep', ...options, '--seeds', '2', '--out', out];
    const { code, out: said, err } = await neuroprint(args);
    expect(code).toBe(3);
    expect(said).toMatch(/^NOT AS PROMISED: 2 of 2 failed, 2-0-0-0-0: .*networks.* is a file/);
    expect(err).toMatch(/The same command tries them again; neuroprint jobs \S+ says more/);
    const jobs = await neuroprint(['jobs', out]);
    expect(jobs.code).toBe(3);
    expect(jobs.out).toMatch(/sweep of iris: 0 of 2 done, 2 failed\nfailed +2-0-0-0-0 on \S+: .*networks/);
    rmSync(join(out, 'networks'));
    expect(await json<object>(args)).toMatchObject({ trained: 2, failures: [] });
  });

  it.each<[string, string[], RegExp]>([
    ['more shards than trainings', ['--shard', '0/3'], /--shard 0\/3: the work is 2 trainings/],
    ['a shard and a cluster', ['--shard', '0/2', '--on', 'slurm'], /Leave out --shard/],
    ['parts without jobs', ['--merge', folder], /holds no jobs/],
  ])('refuse %s', async (_, more, message) => {
    const { code, err } = await neuroprint(['sweep', ...options, '--seeds', '2', '--out', join(folder, 'no'), ...more]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it('are not there where no list was begun', async () => {
    const { code, err } = await neuroprint(['jobs', folder]);
    expect([code, err]).toEqual([2, expect.stringMatching(/has no jobs\.json/)]);
  });
});

describe.skipIf(!hasSurrogates)('the winner of a sweep', () => {
  it('is the best on the validation rows, and is compiled by the command that is named', async () => {
    const out = join(folder, 'winner');
    const args = [
      ...['pareto', '--data', IRIS, '--surrogates', SURROGATES, '--hidden', '2;3', '--power-prices', '0,0.1'],
      ...['--seeds', '2', '--epochs', '10', '--out', out],
    ];
    const { choices, winner, command } = await json<{
      choices: { validMean: number; network: string }[];
      winner: { validMean: number; network: string };
      command: string;
    }>(args);
    expect(winner.validMean).toBe(Math.max(...choices.map(({ validMean }) => validMean)));
    const rows = readdirSync(join(out, 'rows')).map((name) => ({
      name,
      ...(JSON.parse(readFileSync(join(out, 'rows', name), 'utf8')) as { validMean: number }),
    }));
    const own = rows.filter(({ name }) => name.startsWith(winner.network.slice('networks/'.length, -'0.json'.length)));
    expect(own).toHaveLength(2);
    const best = own.reduce((a, b) => (b.validMean > a.validMean ? b : a));
    expect(winner.network).toBe(`networks/${best.name}`);
    const { code } = await neuroprint([...command.split(' ').slice(1), '--steps', '20']);
    expect([0, 3]).toContain(code);
    expect(existsSync(join(out, 'netlist', 'manifest.json'))).toBe(true);
    // a network that is gone is trained again, to the same bits
    const file = join(out, winner.network);
    const bytes = readFileSync(file);
    rmSync(file);
    expect((await json<{ trained: number }>(args)).trained).toBe(1);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });
});

describe.skipIf(!hasSurrogates)('a training that is killed', () => {
  const out = join(folder, 'killed');
  const args = (to: string) => [
    ...['train', '--data', IRIS, '--out', to, '--surrogates', SURROGATES],
    ...['--epochs', '100000', '--patience', '1000000'],
  ];

  /** Kills a training as soon as it has left a checkpoint. */
  const killed = new Promise<void>((resolve, reject) => {
    if (!hasSurrogates) return resolve();
    const child = spawn(process.execPath, [BIN, ...args(out)], {
      stdio: 'ignore',
    });
    const timer = setInterval(() => {
      if (existsSync(join(out, 'checkpoint.json'))) child.kill('SIGKILL');
    }, 50);
    child.on('exit', (_, signal) => {
      clearInterval(timer);
      if (signal === 'SIGKILL') resolve();
      else reject(new Error('the training ended before it was killed'));
    });
  });

  it('is gone on with by the same command only', async () => {
    await killed;
    const copy = join(folder, 'killed-copy');
    cpSync(out, copy, { recursive: true });
    const other = await neuroprint([...args(out), '--seed', '1']);
    expect(other.err).toContain('is the checkpoint of a training with other data, surrogates or options');
    expect(other.code).toBe(2);
    const file = join(copy, 'checkpoint.json');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -100));
    const cut = await neuroprint(args(copy));
    expect(cut.err).toContain('is not JSON');
    expect(cut.code).toBe(2);
    writeFileSync(file, readFileSync(join(out, 'checkpoint.json'), 'utf8').replace(/"epochs": \d+/, '"epochs": 1'));
    const edited = await neuroprint(args(copy));
    expect(edited.err).toContain('the checksum does not match');
    expect(edited.code).toBe(2);
  });
});

describe.skipIf(!hasSurrogates)('stages of every neuron', () => {
  it('are printed with the values that training gave them', async () => {
    const [trained, out] = [join(folder, 'own-stages'), join(folder, 'own-stages-netlist')];
    const short = ['--epochs', '12', '--restarts', '1', '--surrogates', SURROGATES];
    await json(['train', '--data', IRIS, '--out', trained, '--share', 'neuron', ...short]);
    await json(['compile', '--network', join(trained, 'network.json'), '--out', out]);
    const { devices } = JSON.parse(readFileSync(join(out, 'circuit.json'), 'utf8')) as {
      devices: { origin: { role: string; layer: number }; values: object }[];
    };
    const stages = devices.filter(({ origin }) => origin.role === 'activation' && origin.layer === 0);
    expect(stages).toHaveLength(3);
    expect(new Set(stages.map(({ values }) => JSON.stringify(values))).size).toBe(3);
    expect(await json(['lvs', '--netlist', out])).toMatchObject({ matches: true });
  });
});

describe.skipIf(!hasSurrogates)('bad input', () => {
  const table = (name: string, edit: (lines: string[]) => string[]): string => {
    const file = join(folder, 'made', `${name}.csv`);
    mkdirSync(join(folder, 'made'), { recursive: true });
    writeFileSync(file, edit(readFileSync(IRIS, 'utf8').trim().split('\n')).join('\n'));
    return file;
  };
  const train = (data: string, ...more: string[]): string[] => [
    ...['train', '--data', data, '--out', join(folder, 'bad'), '--epochs', '2', '--restarts', '1'],
    ...(more.includes('--surrogates') ? more : ['--surrogates', SURROGATES, ...more]),
  ];
  const foreign = join(folder, 'foreign-surrogates');

  it('a table of features far outside 0..1 is scaled, and the network says how', async () => {
    const large = table('large', ([head, ...rows]) => [
      head!,
      ...rows.map((row) => row.replace(/^[^,]+/, (x) => String(1e6 * Number(x)))),
    ]);
    const out = join(folder, 'large-network');
    await json([
      'train',
      '--data',
      large,
      '--out',
      out,
      '--epochs',
      '2',
      '--restarts',
      '1',
      '--surrogates',
      SURROGATES,
    ]);
    const { inputs } = JSON.parse(readFileSync(join(out, 'network.json'), 'utf8')) as { inputs: { maximum: number }[] };
    expect(inputs[0]!.maximum).toBeGreaterThan(1e6);
  });

  it.each<[string, () => string[] | Promise<string[]>, RegExp]>([
    [
      'a split with an empty part',
      () =>
        train(
          table('no-valid', (lines) =>
            lines.map((line, i) => `${line},${i === 0 ? 'split' : i % 2 === 0 ? 'train' : 'test'}`),
          ),
        ),
      /valid part is empty/,
    ],
    ['a seed that is no integer', () => train(IRIS, '--seed', '1.5'), /--seed is "1.5"/],
    [
      'more classes than outputs',
      async () => {
        const out = join(folder, 'three-classes');
        await json([
          'train',
          '--data',
          IRIS,
          '--out',
          out,
          '--epochs',
          '2',
          '--restarts',
          '1',
          '--surrogates',
          SURROGATES,
        ]);
        const four = table('four', ([head, first, ...rows]) => {
          const label = head!.split(',').indexOf('label');
          return [
            head!,
            first!
              .split(',')
              .map((cell, i) => (i === label ? 'fourth' : cell))
              .join(','),
            ...rows,
          ];
        });
        return [
          'compile',
          '--network',
          join(out, 'network.json'),
          '--data',
          four,
          '--out',
          join(folder, 'bad-compile'),
        ];
      },
      /does not know the class "fourth"/,
    ],
    [
      'a surrogate of another technology',
      () => {
        cpSync(join(SURROGATES, 'egt-date23'), join(foreign, 'egt'), { recursive: true });
        return train(IRIS, '--surrogates', foreign);
      },
      /egt-date23/,
    ],
    [
      'an ONNX file that is none',
      () => ['import', '--onnx', IRIS, '--out', join(folder, 'never.json')],
      /is no ONNX file/,
    ],
  ])('%s is refused', async (_, args, message) => {
    const { code, err } = await neuroprint(await args());
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('wrong use', () => {
  const model = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const train = (file: string): string[] => [
    ...['train', '--data', IRIS, '--out', join(folder, 'never')],
    ...['--variation-model', file],
  ];
  it.each<[string, string[], RegExp]>([
    [
      'an unknown table',
      ['bench', 'date23', '--data', tables, '--out', join(folder, 'x'), '--tables', 'seeds'],
      /no table seeds/,
    ],
    [
      'an unknown case of the ablation',
      ['bench', 'date23', '--data', tables, '--out', join(folder, 'x'), '--cases', 'analog'],
      /There is no case analog/,
    ],
    [
      'a case without those that it is counted from',
      ['bench', 'date23', '--data', tables, '--out', join(folder, 'x'), '--cases', 'power-aware-10,fixed-aware-10'],
      /counted from the case wider-aware-10/,
    ],
    ['a folder without tables', ['bench', 'date23', '--data', folder, '--out', join(folder, 'x')], /no CSV table/],
    ['a price that is none', ['sweep', '--data', IRIS, '--out', join(folder, 'x'), '--prices', '0,cheap'], /"cheap"/],
    ['a variation model that is no JSON', train(model('text.json', 'ten percent')), /is not JSON/],
    [
      'an unknown kind of variation',
      train(model('kind.json', '{"kind": "cauchy", "relativeSpread": 0.1}')),
      /is no variation model: kind/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, err } = await neuroprint(args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
