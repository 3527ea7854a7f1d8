import { describe, expect, it } from 'vitest';
import type { FromCore, ToCore } from '../../../../main/electron/core-messages.ts';
import { type CoreProcess, Supervisor } from '../../../../main/electron/supervisor.ts';
import type { CoreState } from '../../../../preload/contract/desktop-bridge.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

/** A child that does only what the test says, and ends only once. */
class FakeCore implements CoreProcess {
  readonly received: ToCore['type'][] = [];
  isAnswering = true;
  #onMessage: (message: FromCore) => void = () => undefined;
  #onExit: ((reason: string) => void) | null = null;

  post(message: ToCore): void {
    if (this.#onExit === null) throw new Error('message to a child that has ended');
    this.received.push(message.type);
    if (message.type === 'ping' && this.isAnswering) this.#onMessage({ type: 'pong' });
  }
  onMessage(listener: (message: FromCore) => void): void {
    this.#onMessage = listener;
  }
  onExit(listener: (reason: string) => void): void {
    this.#onExit = listener;
  }
  kill(): void {
    this.exit('SIGKILL');
  }
  say(message: FromCore): void {
    this.#onMessage(message);
  }
  exit(reason: string): void {
    const listener = this.#onExit;
    if (listener === null) throw new Error('ended twice');
    this.#onExit = null;
    listener(reason);
  }
}

function supervised() {
  const clock = new VirtualClock();
  const children: FakeCore[] = [];
  const states: string[] = [];
  const supervisor = new Supervisor<FakeCore>({
    start() {
      const child = new FakeCore();
      children.push(child);
      return child;
    },
    schedule: (delayMs, callback) => clock.at((clock.nowUs() + delayMs * 1000) as MonoUs, callback),
  });
  supervisor.onState(({ state, restarts, reason }: CoreState) => states.push(`${state} ${restarts} ${reason}`));
  const last = (): FakeCore => {
    const child = children.at(-1);
    if (child === undefined) throw new Error('nothing was started');
    return child;
  };
  return { clock, children, states, supervisor, last, advanceMs: (ms: number) => clock.advance(ms * 1000) };
}

describe('Supervisor', () => {
  it('is starting until the core says it is ready', () => {
    const { supervisor, last, states } = supervised();
    supervisor.start();
    expect([supervisor.state.state, supervisor.core]).toEqual(['starting', null]);
    last().say({ type: 'ready' });
    expect(supervisor.core).toBe(last());
    expect(states).toEqual(['starting 0 null', 'ready 0 null']);
  });

  it('kills a core that does not get ready, and starts another', async () => {
    const { supervisor, children, advanceMs } = supervised();
    supervisor.start();
    await advanceMs(30_000);
    expect(supervisor.state).toEqual({ state: 'starting', restarts: 1, reason: 'start-timeout' });
    await advanceMs(500);
    expect(children).toHaveLength(2);
  });

  it('is degraded while pings go unanswered, ready again with the first answer', async () => {
    const { supervisor, last, advanceMs } = supervised();
    supervisor.start();
    last().say({ type: 'ready' });
    last().isAnswering = false;
    await advanceMs(6_000);
    expect(supervisor.state.state).toBe('degraded');
    expect(supervisor.core).toBe(last());
    last().say({ type: 'pong' });
    expect(supervisor.state.state).toBe('ready');
  });

  it('kills a core that has hung and says so', async () => {
    const { supervisor, last, advanceMs } = supervised();
    supervisor.start();
    last().say({ type: 'ready' });
    last().isAnswering = false;
    await advanceMs(22_000);
    expect(supervisor.state).toEqual({ state: 'starting', restarts: 1, reason: 'no-heartbeat' });
  });

  it('restarts with growing pauses and gives up on a core that keeps dying', async () => {
    const { clock, supervisor, children, last, advanceMs } = supervised();
    supervisor.start();
    const pausesMs: number[] = [];
    while (supervisor.state.state !== 'stopped') {
      last().exit('exit 1');
      const [started, diedUs] = [children.length, clock.nowUs()];
      while (children.length === started && clock.pendingTimers > 0) await advanceMs(100);
      pausesMs.push((clock.nowUs() - diedUs) / 1000);
    }
    expect(pausesMs).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 0]);
    expect(supervisor.state).toEqual({ state: 'stopped', restarts: 6, reason: 'exit 1' });
    supervisor.start();
    expect(supervisor.state.state).toBe('starting');
  });

  it('forgets failures after a minute of running', async () => {
    const { supervisor, children, last, advanceMs } = supervised();
    supervisor.start();
    for (let run = 0; run < 20; run++) {
      last().say({ type: 'ready' });
      await advanceMs(61_000);
      last().exit('SIGSEGV');
      await advanceMs(500);
    }
    expect(children).toHaveLength(21);
  });

  it('stops the core politely, and leaves no timer', async () => {
    const { clock, supervisor, last, states } = supervised();
    supervisor.start();
    last().say({ type: 'ready' });
    const stopped = supervisor.stop();
    expect(last().received).toContain('stop');
    last().exit('exit 0');
    await stopped;
    expect([states.at(-1), clock.pendingTimers]).toEqual(['stopped 0 exit 0', 0]);
  });

  it('kills a core that will not stop', async () => {
    const { supervisor, last, advanceMs } = supervised();
    supervisor.start();
    last().say({ type: 'ready' });
    const stopped = supervisor.stop();
    await advanceMs(5_000);
    await stopped;
    expect(supervisor.state).toMatchObject({ state: 'stopped', reason: 'stop-timeout' });
  });

  it('stops between two attempts without starting the next', async () => {
    const { clock, supervisor, children, last } = supervised();
    supervisor.start();
    last().exit('exit 1');
    await supervisor.stop();
    await clock.runUntilIdle();
    expect([supervisor.state.state, children.length]).toEqual(['stopped', 1]);
  });
});
