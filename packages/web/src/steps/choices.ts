import type { ColumnView, Step, TableOptions, TableView } from '../session/session.ts';

/** What a column is taken for by hand; others are taken as the reader finds them. */
export type Role = 'input' | 'one-hot' | 'out';

/** What a person chose, as plain data: a link keeps it, and every step's options follow from it. */
export interface Choices {
  /** The column of the class or target; found by the reader where it is not given. */
  readonly label: string | undefined;
  /** Predict the number in that column, in place of a class. */
  readonly regression: boolean;
  readonly split: string | undefined;
  readonly roles: Readonly<Record<string, Role>>;
  readonly missing: 'refuse' | 'drop' | 'impute';
  /** Marks that mean a missing value, apart by commas. */
  readonly missingValues: string;
  readonly technology: string;
  /** Options of each step as they were typed, by their names on the command line; an empty text is the default. */
  readonly options: Readonly<Record<Step, Readonly<Record<string, string>>>>;
  /** More options of each step, as one writes them on the command line. */
  readonly more: Readonly<Record<Step, string>>;
}

/** The options of each step that have a field on the page, by their names on the command line. */
export const OFFERED: Readonly<Record<Step, readonly string[]>> = {
  train: ['hidden', 'variation', 'maximum-power-watts', 'seed'],
  compile: ['steps', 'e-series'],
  verify: ['monte-carlo', 'yield-accuracy', 'yield-rmse'],
  layout: [],
};

export const DEFAULT_CHOICES: Choices = {
  label: undefined,
  split: undefined,
  regression: false,
  roles: {},
  missing: 'refuse',
  missingValues: '',
  technology: 'egt',
  options: { train: {}, compile: {}, verify: { 'monte-carlo': '100' }, layout: {} },
  more: { train: '', compile: '', verify: '', layout: '' },
};

/** How the table is read, by the options of the command line. */
export function tableOptions(choices: Choices, columns: readonly ColumnView[]): TableOptions {
  const { label, regression, split, roles, missing, missingValues } = choices;
  const isFree = ({ name }: ColumnView) => name !== label && name !== split;
  const of = (role: Role) => columns.filter((one) => isFree(one) && roles[one.name] === role).map(({ name }) => name);
  const out = of('out');
  const words = of('one-hot');
  // what the reader would leave out has to be named, and then everything else that is taken too
  const isNamed = of('input').length > 0;
  const taken = columns.filter(
    (one) => isFree(one) && (roles[one.name] === undefined ? one.kind === 'input' : roles[one.name] !== 'out'),
  );
  const marks = missingValues.trim();
  return {
    ...(label === undefined ? {} : { [regression ? 'target' : 'label']: label }),
    ...(split === undefined ? {} : { split }),
    ...(isNamed ? { features: taken.map(({ name }) => name).join(',') } : {}),
    ...(out.length > 0 && !isNamed ? { ignore: out.join(',') } : {}),
    ...(words.length > 0 ? { 'one-hot': words.join(',') } : {}),
    ...(missing === 'refuse' ? {} : { missing }),
    ...(marks === '' ? {} : { 'missing-values': marks }),
  };
}

/** The folders of a run, in the session and, by the same names, on the command line. */
export function foldersOf(table: Pick<TableView, 'name'>): { readonly network: string; readonly circuit: string } {
  return { network: `networks/${table.name}`, circuit: `netlists-out/${table.name}` };
}

/** The arguments of a step, as on the command line. */
export function argumentsOf(step: Step, choices: Choices, table: TableView, overwrite = false): string[] {
  const { network, circuit } = foldersOf(table);
  const own = [...pairs(choices.options[step]), ...words(choices.more[step])];
  const tail = [...own, ...(overwrite ? ['--overwrite'] : [])];
  const read = tableOptions(choices, table.columns);
  switch (step) {
    case 'train':
      return [
        ...pairs({ data: table.path, out: network, ...read }),
        ...(choices.technology === 'egt' ? [] : pairs({ technology: choices.technology })),
        ...tail,
      ];
    case 'compile':
      return [...pairs({ network: `${network}/network.json`, data: table.path, out: circuit }), ...tail];
    default:
      return [...pairs({ netlist: circuit }), ...tail];
  }
}

function pairs(options: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const text = String(value).trim();
    if (text === '') return [];
    // what begins with a dash would be an option of its own
    return text.startsWith('-') ? [`--${name}=${text}`] : [`--${name}`, text];
  });
}

/** The words of a command line: apart by spaces, unless within quotes. */
export function words(line: string): string[] {
  return [...line.matchAll(/(?:"([^"]*)"|'([^']*)'|[^\s"'])+/g)].map(([word]) => word.replace(/["']/g, ''));
}

/** A command line for a terminal: what a shell would take apart is quoted. */
export function commandLine(step: Step, args: readonly string[]): string {
  const quoted = args.map((arg) => (/^[\w./=,:+%-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`));
  return ['npx neuroprint', step, ...quoted].join(' ');
}

/** The option that a refusal is about, by its name on the command line, where it names one of these. */
export function optionOf(message: string, names: readonly string[]): string | undefined {
  const unknown = /^Unknown arguments?: (.*)/.exec(message)?.[1]?.split(', ') ?? [];
  const said = [...message.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name!).concat(unknown);
  return said.find((name) => names.includes(name)) ?? names.find((name) => message.startsWith(`${name}:`));
}
