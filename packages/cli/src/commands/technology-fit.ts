import { basename, join, resolve } from 'node:path';
import { LAW_LIBRARY } from '@neuroprint/circuit';
import { formatJson, prepareOutputFolder, UsageError, writeFileAtomic } from '@neuroprint/core';
import {
  ageingEntry,
  cardOf,
  type DeviceEntry,
  type FittedKind,
  fitAgeing,
  fitKind,
  fitSquares,
  guessManifest,
  type LawName,
  putInto,
  readAgeing,
  readManifest,
} from '@neuroprint/laboratory';
import { renderFitReport } from '@neuroprint/report';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { ageingLines, kindLines, squaresLines } from '../fit-lines.ts';
import { fitReportData } from '../fit-report.ts';
import { choice, overwriteOption, parsed, text, texts } from '../options.ts';
import { log, withProgress } from '../output.ts';
import { technologyFolder } from '../technology-folder.ts';

const LAWS = Object.keys(LAW_LIBRARY) as LawName[];
const MANIFEST = 'manifest.yaml';

const options = {
  manifest: text('YAML that says which file is which curve of which device'),
  guess: texts('Propose a manifest for these files, or for a folder of them'),
  laws: parsed(text(`Laws to fit, apart by commas (${LAWS.join(', ')})`, LAWS.join(',')), lawsOf),
  resistors: text('CSV with the columns squares and ohms: sheet resistance, contacts, spread'),
  ink: text('The ink of these resistors, as technology.json names it'),
  ageing: text('CSV with a column date or days and one for each device: how they age'),
  aged: choice('What ages: resistors in ohms, or thresholds in volts', ['resistors', 'thresholds'], 'resistors'),
  out: text('Folder for card.json and report.html, or for the manifest'),
  into: text('Put what was fitted into the technology.json of this process (name in spice-templates, or path)'),
  overwrite: overwriteOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

function lawsOf(given: string): LawName[] {
  return given.split(',').map((name) => {
    const law = LAWS.find((one) => one === name.trim());
    if (law === undefined) throw new UsageError(`There is no law "${name.trim()}".`, `There are: ${LAWS.join(', ')}.`);
    return law;
  });
}

/** Writes, or prints, a manifest that a person looks over. */
function propose(argv: Arguments): Outcome {
  const folder = argv.out ?? '.';
  const {
    text: manifest,
    guesses,
    leftOut,
  } = guessManifest(
    argv.guess!.map((path) => resolve(path)),
    resolve(folder),
  );
  const said = [...guesses.map((guess) => `guessed    ${guess}`), ...leftOut.map((file) => `left out   ${file}`)];
  if (argv.out === undefined) return outcome({ manifest, guesses, leftOut }, [manifest], 0, said);
  prepareOutputFolder(argv.out, argv.overwrite);
  const path = join(argv.out, MANIFEST);
  writeFileAtomic(path, manifest);
  return outcome({ manifest: path, guesses, leftOut }, [
    ...said,
    `written    ${path}: look it over, then fit with --manifest ${path}`,
  ]);
}

function kindsOf(devices: readonly DeviceEntry[]): DeviceEntry[][] {
  const kinds = new Map<string, DeviceEntry[]>();
  for (const device of devices) {
    const kind = kinds.get(device.transistor) ?? [];
    if (kind[0] !== undefined && kind[0].polarity !== device.polarity)
      throw new UsageError(
        `${kind[0].name} is ${kind[0].polarity}-type and ${device.name} is ${device.polarity}-type, and both are of the kind ${device.transistor}.`,
        'Give them kinds of their own: transistor: in the manifest.',
      );
    kinds.set(device.transistor, [...kind, device]);
  }
  return [...kinds.values()];
}

async function fitAll(argv: Arguments): Promise<Outcome> {
  const { manifest, out, into } = argv;
  if ((argv.ink === undefined) !== (argv.resistors === undefined))
    throw new UsageError('--resistors and --ink go together: which ink are they printed in?');
  const devices = manifest === undefined ? [] : readManifest(manifest);
  const total = devices.length;
  const kinds: FittedKind[] = [];
  await withProgress('fitting', (update) => {
    for (const entries of kindsOf(devices)) {
      const before = kinds.reduce((sum, kind) => sum + kind.devices.length, 0);
      kinds.push(fitKind(manifest!, entries, argv.laws, (done) => update(before + done, total)));
    }
  });
  const squares = argv.resistors === undefined ? undefined : fitSquares(argv.resistors);
  const ageing =
    argv.ageing === undefined ? undefined : fitAgeing(readAgeing(argv.ageing, argv.aged === 'resistors'), argv.aged);
  const card = {
    ...(kinds.length === 0
      ? {}
      : { transistors: Object.fromEntries(kinds.map((kind) => [kind.transistor, cardOf(kind)])) }),
    ...(ageing === undefined ? {} : { ageing: { [argv.aged]: ageingEntry(ageing) } }),
    ...(squares === undefined
      ? {}
      : {
          ink: {
            name: argv.ink!,
            sheetOhms: {
              value: Number(squares.sheetOhms.value.toPrecision(6)),
              measured: {
                file: basename(squares.file),
                standardError: Number(squares.sheetOhms.standardError.toPrecision(3)),
              },
            },
          },
        }),
  };
  const written: string[] = [];
  if (out !== undefined) {
    prepareOutputFolder(out, argv.overwrite);
    writeFileAtomic(join(out, 'card.json'), `${formatJson(card)}\n`);
    const title = manifest === undefined ? 'Resistors' : kinds.map(({ transistor }) => transistor).join(', ');
    const { html } = await renderFitReport(fitReportData(title, kinds, card.transistors ?? {}, squares, ageing));
    writeFileAtomic(join(out, 'report.html'), html);
    written.push(`card.json and report.html in ${out}`);
  }
  if (into !== undefined) {
    const folder = technologyFolder(into);
    const said = putInto(folder, card);
    written.push(`${said.join(', ')} in ${join(folder, 'technology.json')}`);
    if (Object.values(card.transistors ?? {}).some(({ contactOhmMetres }) => contactOhmMetres !== undefined))
      written.push(
        'a transistor with contacts, which templates call with w= and l=; technology check says where they do not',
      );
  }
  const missed = kinds.flatMap(({ warnings }) => warnings.filter((warning) => warning.includes(' is missed by ')));
  return outcome(
    {
      card,
      kinds: kinds.map(resultOf),
      ...(squares === undefined ? {} : { squares }),
      ...(ageing === undefined ? {} : { ageing }),
      out,
      into,
    },
    [
      ...kinds.flatMap((kind) => kindLines(kind, card.transistors![kind.transistor]!)),
      ...(squares === undefined ? [] : squaresLines(squares)),
      ...(ageing === undefined ? [] : ageingLines(ageing)),
      ...written.map((line) => `written    ${line}`),
    ],
    missed.length > 0 ? 3 : 0,
    missed.length > 0 ? ['Done, but the law does not follow every curve: see the lines above.'] : [],
  );
}

/** What --json prints of a kind: no currents of single points. */
function resultOf({ transistor, polarity, devices, ranking, chosen, extras, warnings }: FittedKind): object {
  return {
    transistor,
    polarity,
    chosen,
    extras,
    ranking,
    warnings,
    devices: devices.map(({ entry, points, fits }) => ({
      name: entry.name,
      points: points.count,
      remarks: points.curves.flatMap(({ file, remarks }) => remarks.map((remark) => `${file}: ${remark}`)),
      fits: Object.values(fits).map(({ currents: _, ...fit }) => fit),
    })),
  };
}

/** `neuroprint technology fit`: from measured curves to a card. */
export const fitCommand = defineCommand({
  options,
  examples: [
    ['$0 technology fit --guess measured --out fits/p1', 'Propose a manifest for the curves in a folder'],
    [
      '$0 technology fit --manifest fits/p1/manifest.yaml --out fits/p1 --overwrite',
      'Fit the laws on offer, and write a card',
    ],
    ['$0 technology fit --ageing resistors.csv --into my-process', 'How printed resistors age, put into a process'],
  ],
  run: async (argv) => {
    if (argv.guess !== undefined) {
      if (argv.manifest !== undefined)
        throw new UsageError('--guess proposes a manifest, and --manifest gives one: say one of them.');
      return propose(argv);
    }
    if (argv.manifest === undefined && argv.resistors === undefined && argv.ageing === undefined)
      throw new UsageError(
        'Say what was measured: --manifest FILE, --resistors FILE or --ageing FILE.',
        '--guess FOLDER proposes a manifest.',
      );
    if (argv.out === undefined && argv.into === undefined)
      log('Nothing is written: add --out FOLDER or --into PROCESS.');
    return fitAll(argv);
  },
});
