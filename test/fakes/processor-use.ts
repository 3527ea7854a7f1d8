import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its own clock does. */
const MS_PER_TICK = 10;

/** Processor time of a process and of each of its threads so far, milliseconds. */
export interface ProcessTimes {
  pid: number;
  /** What it is for: Chromium's `--type=`, else the name of the program. */
  name: string;
  threads: { id: number; name: string; ms: number }[];
}

/** This process and all it started, from /proc. Empty where there is none. */
export function processTimes(): ProcessTimes[] {
  const parents = new Map<number, number>();
  for (const name of listed('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(`/proc/${name}/stat`) : null;
    if (stat !== null) parents.set(Number(name), stat.parent);
  }
  const isOurs = (pid: number | undefined): boolean => pid !== undefined && (pid === process.pid || isOurs(parents.get(pid)));
  return [...parents.keys()].filter(isOurs).map((pid) => ({
    pid,
    name: nameOf(pid),
    threads: listed(`/proc/${pid}/task`).flatMap((id) => {
      const stat = statOf(`/proc/${pid}/task/${id}/stat`);
      return stat === null ? [] : [{ id: Number(id), name: stat.name, ms: stat.ms }];
    }),
  }));
}

/** What was used between two looks, per process with its busiest threads; shares of one processor. */
export function processorUse(
  before: readonly ProcessTimes[],
  after: readonly ProcessTimes[],
  wallMs: number,
): { pid: number; name: string; share: number; threads: { name: string; share: number }[] }[] {
  const used = new Map(before.flatMap(({ threads }) => threads.map(({ id, ms }) => [id, ms] as const)));
  return after
    .map(({ pid, name, threads }) => {
      const shares = threads.map((thread) => ({ name: thread.name, share: (thread.ms - (used.get(thread.id) ?? 0)) / wallMs }));
      return {
        pid,
        name,
        share: shares.reduce((sum, { share }) => sum + share, 0),
        threads: shares.toSorted((a, b) => b.share - a.share).slice(0, 4),
      };
    })
    .toSorted((a, b) => b.share - a.share);
}

function listed(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // it has ended
  }
}

function statOf(path: string): { name: string; parent: number; ms: number } | null {
  try {
    const text = readFileSync(path, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' '); // from the third of proc_pid_stat(5) on
    return {
      name: text.slice(text.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      ms: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    };
  } catch {
    return null;
  }
}

function nameOf(pid: number): string {
  try {
    const parts = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/);
    const type = parts.find((part) => part.startsWith('--type='))?.slice(7);
    return type ?? parts.find((part) => part.endsWith('.ts'))?.replace(/^.*\//, '') ?? parts[0]?.replace(/^.*\//, '') ?? '';
  } catch {
    return '';
  }
}
