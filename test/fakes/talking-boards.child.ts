import { type BoardCodec, createCodec } from '../../pipeline/boards/twetalk/codec.ts';
import { createTwetalkFirmware } from '../../pipeline/boards/twetalk/firmware.ts';
import { scriptedSound } from '../../pipeline/engines/scripted/sound.ts';
import { fasterClock } from './faster-clock.ts';

/** Boards in a process of their own that talk to a bench: one child plays as many as it is told. */
export interface TalkingOrder {
  mqttPort: number;
  boards: { productId: string; deviceName: string; secret: string }[];
  turns: number;
  /** Each board connects so many times, for so many turns each; 1. */
  calls?: number;
  /** Its time runs so much faster, as that of who it talks to must; 1. */
  speed?: number;
  /** Of so many turns the last is spoken over, 900 ms into the reply; 0: none. */
  interruptEvery: number;
}
export interface TalkingReport {
  underruns: number;
  overflows: number;
  failures: string[];
}

const SPEECH_MS = 600;
const OVER_MS = 900;
const PAUSE_MS = 400;

/**
 * All boards say the same: its packets are real ones, encoded once. What they hear is not decoded, only that it plays: the processors
 * are the pipeline's to use.
 */
const encoder = createCodec('opus', 60);
const packets = new Map<string, Uint8Array>();
const loud = scriptedSound(60, 16_000);
const preparedCodec: BoardCodec = {
  encode(pcm) {
    const key = pcm.subarray(0, 32).join();
    const packet = packets.get(key) ?? encoder.encode(pcm);
    packets.set(key, packet);
    return packet;
  },
  decode: () => loud,
  close: () => {},
};

process.once('message', (order: TalkingOrder) => {
  void Promise.all(order.boards.map((device, index) => talk(order, device, index))).then((reports) => {
    const sum = (of: (report: TalkingReport) => number) => reports.reduce((total, report) => total + of(report), 0);
    const report: TalkingReport = {
      underruns: sum(({ underruns }) => underruns),
      overflows: sum(({ overflows }) => overflows),
      failures: reports.flatMap(({ failures }) => failures),
    };
    process.send?.(report, () => process.exit(0));
  });
});

async function talk(order: TalkingOrder, device: TalkingOrder['boards'][number], index: number): Promise<TalkingReport> {
  const { speed = 1, calls = 1 } = order;
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms / speed));
  const report: TalkingReport = { underruns: 0, overflows: 0, failures: [] };
  let onStopped = () => {};
  let onAudible = () => {};
  const switchOn = () =>
    createTwetalkFirmware({
      clock: fasterClock(speed),
      broker: { host: '127.0.0.1', port: order.mqttPort },
      ...device,
      language: 'zh',
      audioType: 'opus',
      audioInterval: 60,
      codec: preparedCodec,
      print(text) {
        if (text.includes('playback underrun')) report.underruns += 1;
        if (text.includes('recv ring buffer full')) report.overflows += 1;
      },
      onState: () => {},
      onPlayout: ({ kind }) => kind === 'audible' && onAudible(),
      onMessage: (type) => type === 'bot-stopped-speaking' && onStopped(),
    });
  const sound = scriptedSound(SPEECH_MS, 16_000);
  // Not in step with one another, as people are not.
  await sleep((index * 97) % 2000);
  for (let call = 1; call <= calls; call += 1) {
    const board = switchOn();
    try {
      await board.start();
      for (let turn = 1; turn <= order.turns; turn += 1) await takeTurn(board, turn);
    } catch (error) {
      report.failures.push(`${device.deviceName}: ${String(error)}`);
    }
    await board.stop();
  }
  return report;

  async function takeTurn(board: ReturnType<typeof switchOn>, turn: number): Promise<void> {
    await sleep(PAUSE_MS + ((index * 31 + turn * 17) % 60));
    const stopped = within(20_000, (resolve) => (onStopped = resolve));
    const audible = within(20_000, (resolve) => (onAudible = resolve));
    await board.speak(sound);
    await audible;
    if (order.interruptEvery > 0 && turn % order.interruptEvery === 0) {
      await sleep(OVER_MS);
      await board.speak(sound);
    }
    await stopped;
    board.clearReceivedAudio();
  }
}

function within(ms: number, start: (resolve: () => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('no reply')), ms);
  start(() => {
    clearTimeout(timer);
    resolve();
  });
  promise.catch(() => {});
  return promise;
}
