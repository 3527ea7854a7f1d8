import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ApprovedCommand } from './command-list.ts';
import type { BytePort } from './port.ts';
import { PortListeners } from './port-listeners.ts';

/** How long a program may take to end when it is told to, before it is killed. */
const GRACE_US = 2_000_000;
/** How long its outputs may stay open after that: what it started may have left its group, with a copy of them. */
const LAST_WORDS_US = 500_000;
/** Of its standard error: what has no end by then is no line. */
const MAX_UNFINISHED_BYTES = 64 * 1024;
const LF = 0x0a;

/**
 * `command://NAME`: a program as a port (`ssh pi@board journalctl -f`). What it writes is received, on either output; of its
 * standard error whole lines, so that they do not cut into a line of the other. What is sent is its input. Its end is the port's,
 * with the exit code. `command` undefined: nobody approved that name. No shell, and a process group of its own, which ends with it.
 */
export async function openCommand(address: string, name: string, command: ApprovedCommand | undefined, clock: Clock): Promise<BytePort> {
  const [program, ...args] = command?.argv ?? [];
  if (program === undefined) throw new TalkError('port/not-approved', { address, name });
  const child = spawn(program, args, { stdio: 'pipe', detached: process.platform !== 'win32', windowsHide: true });
  await started(child, address, program);

  let closing: Promise<void> | null = null;
  let isEnded = false;
  const listeners = new PortListeners(() => {
    child.stdout.resume();
    child.stderr.resume();
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));

  child.stdout.pause();
  child.stderr.pause();
  child.stdout.on('data', (chunk: Buffer) => listeners.deliver(new Uint8Array(chunk), clock.nowUs()));
  let unfinished: Buffer = Buffer.alloc(0);
  child.stderr.on('data', (chunk: Buffer) => {
    const all = Buffer.concat([unfinished, chunk]);
    const end = all.length > MAX_UNFINISHED_BYTES ? all.length : all.lastIndexOf(LF) + 1;
    listeners.deliver(new Uint8Array(all.subarray(0, end)), clock.nowUs());
    unfinished = all.subarray(end);
  });
  // Written to by a program that ended meanwhile; its exit says so.
  child.stdin.on('error', () => {});
  // When its outputs are read to the end, not when it exits: its last words say why.
  child.once('close', (code, signal) => {
    isEnded = true;
    if (unfinished.length > 0) listeners.deliver(new Uint8Array([...unfinished, LF]), clock.nowUs());
    const reason = signal === null ? `exit ${code}` : signal;
    listeners.close(new TalkError('port/lost', { address, reason, ...(code === null ? {} : { exitCode: code }) }, { retryable: true }));
  });

  function requireOpen(): void {
    if (closing !== null || listeners.isClosed) throw new TalkError('port/closed', { address });
  }

  /** The program and what it has started. False: all of it has ended already. */
  function signalGroup(signal: 'SIGTERM' | 'SIGKILL'): boolean {
    if (child.pid === undefined) return false;
    try {
      return process.platform === 'win32' ? child.kill(signal) : process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  }

  async function end(): Promise<void> {
    listeners.close(null);
    child.stdout.resume();
    child.stderr.resume();
    const after = (us: number, then: () => void) => clock.at((clock.nowUs() + us) as MonoUs, then);
    const letGo = () => {
      for (const stream of child.stdio) stream?.destroy();
    };
    const kill = () => {
      signalGroup('SIGKILL');
      cancel = after(LAST_WORDS_US, letGo);
    };
    let cancel = signalGroup('SIGTERM') ? after(GRACE_US, kill) : after(LAST_WORDS_US, letGo);
    await closed;
    cancel();
  }

  return {
    address,
    async write(data) {
      requireOpen();
      const bytes = Uint8Array.from(data);
      await new Promise<void>((resolve, reject) => {
        child.stdin.write(bytes, (error) => {
          if (error == null) resolve();
          else reject(new TalkError('port/lost', { address, reason: 'write' }, { retryable: true, cause: error }));
        });
      });
    },
    setSignals: async () => false,
    setBaudRate: async () => {}, // a program has none
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
    close() {
      closing ??= isEnded ? Promise.resolve(listeners.close(null)) : end();
      return closing;
    },
  };
}

function started(child: ChildProcessWithoutNullStreams, address: string, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve());
    child.once('error', (error) => {
      const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
      reject(new TalkError('port/refused', { address, reason: `${program}: ${code}` }, { retryable: true, cause: error }));
    });
  });
}
