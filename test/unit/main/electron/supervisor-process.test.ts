import { type ChildProcess, fork } from 'node:child_process';
import { expect, it } from 'vitest';
import { type CoreProcess, Supervisor } from '../../../../main/electron/supervisor.ts';
import type { CoreState } from '../../../../preload/contract/desktop-bridge.ts';

interface ForkedCore extends CoreProcess {
  child: ChildProcess;
}

function forkCore(): ForkedCore {
  const child = fork(new URL('../../../fixtures/supervisor/core.process.ts', import.meta.url), { execArgv: [] });
  return {
    child,
    post: (message) => void child.send(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', (code, signal) => listener(signal ?? `exit ${code}`)),
    kill: () => void child.kill('SIGKILL'),
  };
}

it('brings a real process back after kill -9 and stops it when told to', async () => {
  const supervisor = new Supervisor<ForkedCore>({ start: forkCore });
  const until = (isMet: (state: CoreState) => boolean) =>
    new Promise<void>((resolve) => {
      const unregister = supervisor.onState((state) => {
        if (!isMet(state)) return;
        unregister();
        resolve();
      });
    });
  const states: string[] = [];
  supervisor.onState(({ state, reason }) => states.push(`${state} ${reason}`));

  const ready = until(({ state }) => state === 'ready');
  supervisor.start();
  await ready;
  const first = supervisor.core?.child.pid ?? 0;
  const back = until(({ state, restarts }) => state === 'ready' && restarts === 1);
  process.kill(first, 'SIGKILL');
  await back;
  expect(supervisor.core?.child.pid).not.toBe(first);
  await supervisor.stop();
  expect(states).toEqual(['starting null', 'ready null', 'starting SIGKILL', 'ready SIGKILL', 'stopped exit 0']);
});
