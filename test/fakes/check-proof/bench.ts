import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCore } from '../../../main/core/core.ts';
import { createLog } from '../../../main/core/log.ts';
import type { CheckRun } from '../../../preload/contract/checks.ts';
import { createClient } from '../../../preload/contract/client.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { memoryTransportPair } from '../../../preload/contract/transports/memory.ts';

/** What a board is started with: its faults. */
export type Spoilt = Partial<Pick<CallBody<'boards.start'>, 'faults' | 'kind' | 'trouble' | 'audioType'>>;

export interface ProofBench {
  /** Starts such a board, checks it with nobody at the bench, and stops it. */
  check(board: { name: string; spoilt: Spoilt; list: string }): Promise<CheckRun>;
  close(): Promise<void>;
}

const SETTLE_MS = 4000;

/** What boards are offered as an update: any bytes will do for one that is software. */
export const UPDATE = { name: 'proof.bin', version: 'esp32s3_v1.1.9', bytes: 120_000 };

/** The real core with virtual boards on it, through the service that clients use. */
export async function openProofBench(options: { clock?: Clock; language?: 'zh' | 'en' } = {}): Promise<ProofBench> {
  const { clock, language = 'en' } = options;
  const dataDirectory = await mkdtemp(join(tmpdir(), 'talkbench-proof-'));
  const core = await createCore({
    dataDirectory,
    listeners: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
    log: createLog({ level: 'error' }),
    appVersion: '0.0.0',
    ...(clock === undefined ? {} : { clock }),
  });
  const [near, far] = memoryTransportPair();
  core.endpoint.accept(far, { role: 'operator' });
  const client = createClient(near);
  await client.welcome;
  await client.call('ota.addFile', { ...UPDATE, data: new Uint8Array(UPDATE.bytes).fill(0xe9) });
  const ended = new Map<string, (run: CheckRun) => void>();
  const look = (run: CheckRun) => {
    if (run.state === 'running') return;
    ended.get(run.id)?.(run);
    ended.delete(run.id);
  };
  const unsubscribe = client.subscribe(
    'checks.runs',
    {},
    { onSnapshot: (runs) => runs.forEach(look), onDelta: (runs) => runs.forEach(look) },
  );
  return {
    async check({ name, spoilt, list }) {
      await client.call('boards.start', { name, language, ...spoilt });
      // As a board that has lain on the bench for a moment, not one that is just connecting when it is reset.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      try {
        const { runId } = await client.call('checks.start', {
          port: `virtual://${name}`,
          // A bare module's client is whatever it is soldered to.
          device: spoilt.kind === 'cat1' ? null : { productId: 'TALKBENCH1', deviceName: name },
          list: { text: list },
          boardKind: spoilt.kind ?? 'esp32s3',
          serialNumber: name,
          language,
          isUnattended: true,
        });
        const { promise, resolve } = Promise.withResolvers<CheckRun>();
        ended.set(runId, resolve);
        look(await client.call('checks.run', { runId }));
        return await promise;
      } finally {
        await client.call('boards.stop', { name });
      }
    },
    async close() {
      unsubscribe();
      client.close();
      await core.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
