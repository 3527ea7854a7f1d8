import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createCore } from '../../main/core/core.ts';
import type { BytePort } from '../../main/core/devices/port.ts';
import { createLog } from '../../main/core/log.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { createClient } from '../../preload/contract/client.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';

const NEEDED_LINES_PER_SECOND = 150_000;
const BOARDS = 8;
/** What a driver hands over at once under load. */
const CHUNK_BYTES = 4096;
const REPEATS = 60;
/** Many, for a machine that others share: the best tells what the code does, the median what it got. */
const RUNS = 15;

/** The project's sample logs of every family, one after the other. */
function mixedLog(): Buffer {
  const folder = join(import.meta.dirname, '../fixtures/logs');
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return Buffer.concat(Array.from({ length: REPEATS }, () => files.map((name) => readFileSync(join(folder, name)))).flat());
}

/** Bytes of eight ports as fast as they are taken, parsed, numbered, and every one of them on disk: lines a second over the whole path. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-bench-'));
  const deliver = new Map<string, (data: Uint8Array, atUs: MonoUs) => void>();
  const core = await createCore({
    dataDirectory: folder,
    listeners: { enabled: false },
    log: createLog({ level: 'error' }),
    appVersion: '0',
    openPort: async (address) => silentPort(address, (listener) => deliver.set(address, listener)),
  });
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);
  try {
    const log = mixedLog();
    const lines = log.toString('latin1').split('\n').length - 1;
    const rates: number[] = [];
    const cpuPerLine: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const addresses = Array.from({ length: BOARDS }, (_, index) => `socket://board:${index + 1}`);
      for (const address of addresses) await client.call('ports.open', { address });
      const cpu = process.cpuUsage();
      const startedMs = performance.now();
      for (let at = 0; at < log.length; at += CHUNK_BYTES) {
        for (const address of addresses) deliver.get(address)?.(log.subarray(at, at + CHUNK_BYTES), systemClock.nowUs());
        // A driver's callbacks are turns of the event loop; never further ahead of the disk than its queue takes.
        await setImmediate();
        if ((at / CHUNK_BYTES) % 256 === 255) await core.flush();
      }
      for (const address of addresses) await client.call('ports.close', { address });
      const { id } = await client.call('sessions.stop', {});
      rates.push((lines * BOARDS * 1000) / (performance.now() - startedMs));
      const { user, system } = process.cpuUsage(cpu);
      cpuPerLine.push((user + system) / (lines * BOARDS));
      const { session } = await client.call('sessions.show', { id: id ?? '' });
      if (session.droppedCount > 0) console.log(`dropped: ${session.droppedCount}`);
    }
    const rate = median(rates);
    const best = Math.max(...rates);
    console.log(
      `parse and store, ${BOARDS} ports, ${lines * BOARDS} lines of every family: ${Math.round(rate)} lines/s, ${(rate / NEEDED_LINES_PER_SECOND).toFixed(2)} × the aim; the best run ${Math.round(best)}, ${(best / NEEDED_LINES_PER_SECOND).toFixed(2)} ×; ${median(cpuPerLine).toFixed(1)} µs of processor time a line, all threads`,
    );
  } finally {
    await core.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function silentPort(address: string, listen: (listener: (data: Uint8Array, atUs: MonoUs) => void) => void): BytePort {
  return {
    address,
    write: async () => {},
    setSignals: async () => false,
    setBaudRate: async () => {},
    onData: listen,
    onClose: () => {},
    close: async () => {},
  };
}
