import { AtEngine, type SendOptions } from '../../../../../main/core/at/engine.ts';
import { Cat1Modem, type Cat1Options } from '../../../../../pipeline/boards/cat1/modem.ts';
import type { AtConsoleState, AtExchange, AtUrc } from '../../../../../preload/contract/at.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** How a command ended, for comparing: 'ok' or the error's code, and its lines. */
export interface Outcome {
  ended: string;
  exchange: AtExchange | null;
}

function engineOn(clock: VirtualClock, write: (text: string) => void) {
  const urcs: AtUrc[] = [];
  const states: AtConsoleState[] = [];
  const exchanges = new Map<number, AtExchange>();
  const engine = new AtEngine({
    address: '/dev/ttyACM0',
    clock,
    write: async (data) => write(Buffer.from(data).toString('latin1')),
    onExchange: (exchange) => void exchanges.set(exchange.id, exchange),
    onUrc: (urc) => void urcs.push(urc),
    onState: (state) => void states.push(state),
  });
  engine.opened();
  const outcomes: Outcome[] = [];
  /** Sends without waiting; the outcome is filled in when it comes. */
  function send(command: string, options: SendOptions = {}): Outcome {
    const outcome: Outcome = { ended: 'pending', exchange: null };
    outcomes.push(outcome);
    engine.send(command, options).then(
      (exchange) => {
        outcome.exchange = exchange;
        outcome.ended = exchange.final?.kind ?? 'none';
      },
      (error: { code?: string }) => {
        outcome.ended = error.code ?? String(error);
      },
    );
    return outcome;
  }
  return { clock, engine, urcs, states, exchanges: () => [...exchanges.values()], texts: () => urcs.map(({ text }) => text), send };
}

/** An engine whose modem is the test. */
export function scripted() {
  const clock = new VirtualClock(1_000_000);
  const written: string[] = [];
  const writtenAtUs: number[] = [];
  const line = engineOn(clock, (text) => {
    written.push(text);
    writtenAtUs.push(clock.nowUs());
  });
  return {
    ...line,
    written,
    writtenAtUs,
    /** The modem says this, in one chunk. */
    async says(text: string) {
      await clock.settle();
      line.engine.received(Buffer.from(text, 'latin1'), clock.nowUs());
      await clock.settle();
    },
  };
}

/** An engine on the virtual modem. */
export function wired(options: Omit<Cat1Options, 'clock'> = {}) {
  const clock = new VirtualClock(1_000_000);
  const modem = new Cat1Modem({ isBooted: true, ...options, clock });
  const line = engineOn(clock, (text) => modem.uart.receive(Buffer.from(text, 'latin1')));
  modem.uart.onTransmit((data) => line.engine.received(data, clock.nowUs()));
  modem.powerOn();
  return { ...line, modem };
}
