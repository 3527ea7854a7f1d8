import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { buffer, text } from 'node:stream/consumers';

export const projectRoot = resolve(import.meta.dirname, '../..');

export interface CliResult {
  code: number | null;
  stdout: string;
  /** Standard output as it came. */
  bytes: Buffer;
  stderr: string;
  /** Standard output as one JSON value; throws when it is anything else. */
  json<T = Record<string, unknown>>(): T;
  /** Standard output as JSON lines. */
  lines<T = Record<string, unknown>>(): T[];
}

/** Runs `talkbench …` as its own process, as a user's shell would. */
export async function runCli(args: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Promise<CliResult> {
  const child = spawn(process.execPath, ['main/cli/index.ts', ...args], { cwd: projectRoot, env: { ...process.env, ...options.env } });
  child.stdin.end(options.input ?? '');
  const [bytes, stderr, [code]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  const stdout = bytes.toString('utf8');
  return {
    code,
    stdout,
    bytes,
    stderr,
    json: () => JSON.parse(stdout),
    lines: () =>
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  };
}
