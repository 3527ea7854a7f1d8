import { fork } from 'node:child_process';
import { once } from 'node:events';
import { getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { Devices, memoryDeviceStore } from '../../../main/core/devices/registry.ts';
import { createEncoderThreads } from '../../../pipeline/audio/encoder-threads.ts';
import type { Engines } from '../../../pipeline/conversation.ts';
import { startTwetalkGateway } from '../../../pipeline/gateways/twetalk/gateway.ts';
import type { Observer } from '../../../pipeline/observer.ts';
import { rehearse } from '../../../pipeline/turn/rehearsal.ts';
import { createStartConversation } from '../../../pipeline/turn/start.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { TalkingOrder, TalkingReport } from '../../fakes/talking-boards.child.ts';

/** Added to the niceness of the boards' processes: a tenth of this one's share where both want the same processor. */
const GIVING_WAY = 10;

export interface TalkingBenchOptions {
  clock: Clock;
  observer: Observer;
  settings: Settings;
  /** How many boards it knows. */
  boards: number;
  enginesOf(conversationId: string): Engines;
}

/** A gateway in this process, warm as the core's is, and boards in two others that talk to it over real sockets. */
export async function openTalkingBench({ clock, observer, settings, boards: count, enginesOf }: TalkingBenchOptions) {
  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => clock.wallMs(), onStoreFault: () => {} });
  const boards: TalkingOrder['boards'] = [];
  for (let index = 0; index < count; index += 1) {
    const device = { productId: 'BENCHBENCH', deviceName: `bench-${index}` };
    const { generatedSecret: secret = '' } = await devices.put(device.productId, device.deviceName);
    boards.push({ ...device, secret });
  }
  const faults: unknown[] = [];
  // Without them, to compare: every frame encoded on the event loop.
  const encoders = process.env.TALKBENCH_BENCH_ENCODERS === '0' ? undefined : createEncoderThreads();
  await encoders?.warmUp();
  if (encoders) await rehearse({ clock, encoders, signal: new AbortController().signal });
  const gateway = await startTwetalkGateway({
    clock,
    observer,
    settings: () => settings,
    devices,
    startConversation(options, peer) {
      const engines = enginesOf(options.conversationId);
      return createStartConversation({ clock, observer, engines: () => engines, ...(encoders && { encoders }) })(options, peer);
    },
    log: { error: (details) => faults.push(details) },
  });
  const mqttPort = gateway.listeners.find(({ name }) => name === 'mqtt')?.port ?? 0;
  const children = Math.min(2, count);
  return {
    /** Resolves when every board has had its turns. */
    talk: (order: Omit<TalkingOrder, 'mqttPort' | 'boards'>) =>
      Promise.all(
        Array.from({ length: children }, async (_, index) => {
          const child = fork(join(import.meta.dirname, '../../fakes/talking-boards.child.ts'), { stdio: 'inherit' });
          // Boards are other machines: what they take of this one's processors is not the bench's to lose.
          if (child.pid !== undefined) setPriority(child.pid, getPriority() + GIVING_WAY);
          child.send({ ...order, mqttPort, boards: boards.filter((_board, each) => each % children === index) } satisfies TalkingOrder);
          const [report] = (await once(child, 'message')) as [TalkingReport];
          return report;
        }),
      ),
    async close(): Promise<void> {
      await gateway.close();
      await encoders?.close();
      for (const fault of faults.slice(0, 3)) console.log(fault);
    },
  };
}
