import { spawnSync } from 'node:child_process';

/** What KLayout said of a script: whether all was well, and its words. */
export interface KlayoutResult {
  readonly clean: boolean;
  readonly text: string;
}

/** Whether the program `klayout` can be run. */
export function hasKlayout(): boolean {
  return spawnSync('klayout', ['-v'], { env: environment(), stdio: 'ignore' }).status === 0;
}

/** Runs a script that `lvsScript` or `drcScript` made, and reads its last line. A day's work of KLayout is no answer: it has ten minutes. */
export function runKlayout(script: string, variables: Readonly<Record<string, string>> = {}): KlayoutResult {
  const given = Object.entries(variables).flatMap(([name, value]) => ['-rd', `${name}=${value}`]);
  const { status, stdout, stderr } = spawnSync('klayout', ['-b', ...given, '-r', script], {
    env: environment(),
    encoding: 'utf8',
    timeout: 600_000,
  });
  const text = `${stdout ?? ''}${stderr ?? ''}`.trim();
  return { clean: status === 0 && /^(LVS clean|0 violations)$/m.test(text), text };
}

/** No window is needed. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, QT_QPA_PLATFORM: 'offscreen' };
}
