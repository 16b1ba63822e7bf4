import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import type { Measurement } from './compare-measurements.ts';

/** Runs a shell's command and counts the processor time of it and all its children, which only a shell can tell. */
export function measured(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Measurement> {
  const load = loadavg()[0]!;
  return new Promise((resolve, reject) => {
    const script = `TIMEFORMAT='%R %U %S'; time { ( ${command} ) >/dev/null 2>&1; }`;
    const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const [wall, user, system] = text.trim().split('\n').at(-1)!.split(' ').map(Number);
      resolve({ code: code ?? 1, wallSeconds: wall!, cpuSeconds: user! + system!, load });
    });
  });
}
