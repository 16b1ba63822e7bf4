import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const PROGRAMS = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'squeue', 'scancel', 'scontrol', 'setpriv'];
const ADMIN = ['/usr/sbin', '/sbin'].join(delimiter);

/** Why a private Slurm cannot be started here, or undefined where it can. */
export function slurmProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'a private Slurm takes root';
  const folders = `${process.env.PATH}${delimiter}${ADMIN}`.split(delimiter);
  const missing = PROGRAMS.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed (Debian: slurm-wlm munge)`;
}

/** A Slurm of one node with two processors and the partitions main and short, on the loopback, with a munge key of its own, without systemd. */
export async function startSlurm(): Promise<{ stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  const [munge, socket] = [join(folder, 'munge'), join(folder, 'socket')];
  const host = hostname().split('.')[0]!;
  const port = 20_000 + 2 * (process.pid % 10_000);
  process.env.PATH = `${process.env.PATH}${delimiter}${ADMIN}`;
  chmodSync(folder, 0o755);
  for (const name of ['state', 'spool', 'log', 'munge', 'socket']) mkdirSync(join(folder, name));
  writeFileSync(join(munge, 'key'), randomBytes(1024));
  execFileSync('chown', ['-R', 'munge:', munge, socket]);
  chmodSync(munge, 0o700);
  chmodSync(join(munge, 'key'), 0o400);
  chmodSync(socket, 0o755);
  const files = ['key', 'pid', 'log', 'seed'].map((name) => `--${name}-file=${join(munge, name)}`);
  const user = ['--reuid=munge', '--regid=munge', '--clear-groups'];
  execFileSync('setpriv', [...user, 'munged', ...files, `--socket=${join(socket, 's')}`]);
  const settings = {
    ClusterName: 'test',
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: port,
    SlurmdPort: port + 1,
    SlurmUser: 'root',
    SlurmdUser: 'root',
    AuthType: 'auth/munge',
    // a requeued task may start once its old credential has run out
    AuthInfo: `socket=${join(socket, 's')},cred_expire=5`,
    StateSaveLocation: join(folder, 'state'),
    SlurmdSpoolDir: join(folder, 'spool'),
    SlurmctldPidFile: join(folder, 'slurmctld.pid'),
    SlurmdPidFile: join(folder, 'slurmd.pid'),
    SlurmctldLogFile: join(folder, 'log/slurmctld.log'),
    SlurmdLogFile: join(folder, 'log/slurmd.log'),
    ProctrackType: 'proctrack/linuxproc',
    TaskPlugin: 'task/none',
    JobAcctGatherType: 'jobacct_gather/none',
    AccountingStorageType: 'accounting_storage/none',
    SchedulerParameters: 'batch_sched_delay=0,sched_interval=1,sched_min_interval=0',
    SelectType: 'select/cons_tres',
    SelectTypeParameters: 'CR_CPU',
    ReturnToService: 2,
    MinJobAge: 3600,
    KillWait: 2,
    NodeName: `${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
    PartitionName: `main Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
  };
  const path = join(folder, 'slurm.conf');
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  // a second partition, whose tasks end after a minute
  lines.push(`PartitionName=short Nodes=${host} MaxTime=1 State=UP\n`);
  writeFileSync(path, lines.join(''));
  process.env.SLURM_CONF = path;
  const stop = async () => {
    const pids = ['slurmd.pid', 'slurmctld.pid', 'munge/pid']
      .map((file) => join(folder, file))
      .filter((file) => existsSync(file))
      .map((file) => Number(readFileSync(file, 'utf8')));
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGTERM');
    for (let left = 100; left > 0 && pids.some(isAlive); left -= 1) await wait(100);
    rmSync(folder, { recursive: true, force: true });
  };
  execFileSync('slurmctld', ['-f', path]);
  execFileSync('slurmd', ['-f', path]);
  for (let left = 100; left > 0; left -= 1) {
    const state = spawnSync('sinfo', ['-h', '-o', '%T'], { encoding: 'utf8' }).stdout.trim();
    if (/^idle/.test(state)) return { stop };
    await wait(100);
  }
  const log = readFileSync(join(folder, 'log/slurmctld.log'), 'utf8').split('\n').slice(-10).join('\n');
  await stop();
  throw new Error(`Slurm does not become idle:\n${log}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
