import { spawn } from 'node:child_process';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { ServiceName } from '../service/failure.ts';

const TIMEOUT_MS = 60_000;
const REASON_LENGTH = 300;

/**
 * Runs a program with `input` on its standard input; resolves with its standard output. Throws TalkError 'engine/unavailable' where it is
 * not there, 'engine/failed' with what it wrote on standard error, the signal's reason when that aborts; the program is ended then.
 */
export function runProgram(run: {
  service: ServiceName;
  program: string;
  args: readonly string[];
  input: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}): Promise<string> {
  const { service, program, args, input, environment, signal } = run;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-REASON_LENGTH)));
    child.stdin.on('error', () => {}); // it ended before it read all: its exit code tells
    child.stdin.end(input);
    const onAbort = () => {
      child.kill('SIGKILL');
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new TalkError('engine/timeout', { ...service, timeoutMs: TIMEOUT_MS }, { retryable: true }));
    }, TIMEOUT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      over();
      if (error.code === 'ENOENT') reject(new TalkError('engine/unavailable', { ...service, missing: program }));
      else reject(new TalkError('engine/failed', { ...service, reason: error.code ?? error.message }));
    });
    child.once('close', (code) => {
      over();
      if (code === 0) resolve(output);
      else reject(new TalkError('engine/failed', { ...service, reason: `${program} ended with ${code}: ${complaint.trim()}` }));
    });
  });
}
