import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Espressif's esptool as a program of its own: TALKBENCH_ESPTOOL is the path of its esptool.py, or of an executable. */
const esptool = process.env.TALKBENCH_ESPTOOL;
/** Debian's, which has pyserial, before one that somebody put in front of it. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
export const ESPTOOL_TIMEOUT_MS = 120_000;

export const hasEsptool = esptool !== undefined;

/**
 * Runs it on a port without control lines, as a virtual board's PTY is. Resolves with what it printed; fails with it too.
 * Command names with underscores are what every version understands.
 */
export function callEsptool(port: string, ...args: readonly string[]): Promise<string> {
  if (esptool === undefined) return Promise.reject(new Error('TALKBENCH_ESPTOOL is not set'));
  const line = ['--port', port, '--before', 'no_reset', '--after', 'no_reset', ...args];
  const [program, all] = esptool.endsWith('.py') ? [python, [esptool, ...line]] : [esptool, line];
  return new Promise((resolve, reject) => {
    execFile(program, all, { timeout: ESPTOOL_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`esptool ${args.join(' ')} ended with ${error.code}: ${stdout}${stderr}`, { cause: error }));
    });
  });
}

export async function esptoolMajor(): Promise<number> {
  return Number(/v?(\d+)\.\d+/.exec(await callEsptool('none', 'version'))?.[1]);
}
