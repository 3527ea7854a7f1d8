import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createCore } from '../../main/core/core.ts';
import { createLog } from '../../main/core/log.ts';
import { startLoopbackHost } from '../../main/loopback/host.ts';
import { type Client, createClient } from '../../preload/contract/client.ts';
import type { PortState } from '../../preload/contract/ports.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import type { ChattyReport } from '../fakes/chatty-boards.child.ts';

const BOARDS = 8;
const BYTES_PER_SECOND = 300_000;
const LATENCY_LIMIT_MS = 100;
const seconds = Number(process.env.TALKBENCH_BENCH_SECONDS ?? 20);

/**
 * Eight boards on real PTYs, each printing 300 kB/s of mixed log, through ports, parser and log book into SQLite, while a window in
 * a process of its own follows it over the WebSocket: what is lost, and how long a line takes from its making to the window.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-bench-'));
  const core = await createCore({
    dataDirectory: folder,
    listeners: { enabled: false },
    log: createLog({ level: 'error' }),
    appVersion: '0',
  });
  const host = await startLoopbackHost({ endpoint: core.endpoint, staticDirectory: folder, port: 0, log: createLog({ level: 'error' }) });
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);
  const boards = fork(join(import.meta.dirname, '../fakes/chatty-boards.child.ts'), [String(BOARDS)]);
  const children = [boards];
  try {
    const { paths } = await answer<{ paths: string[] }>(boards);
    const watcher = fork(join(import.meta.dirname, '../fakes/log-watcher.child.ts'), [host.url, host.token]);
    children.push(watcher);
    await answer(watcher);
    for (const address of paths) await client.call('ports.open', { address, options: { baudRate: 3_000_000 } });

    const memory = [process.memoryUsage.rss()];
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    boards.send([seconds, BYTES_PER_SECOND]);
    const sampler = setInterval(() => memory.push(process.memoryUsage.rss()), 1000);
    await answer(boards);
    clearInterval(sampler);
    const { user, system } = process.cpuUsage(cpu);
    const cpuShare = (user + system) / 1000 / (performance.now() - startedMs);
    await receivedAll(client);
    boards.send('report');
    const { report } = await answer<{ report: ChattyReport }>(boards);
    watcher.send('report');
    const { latenciesMs, rowsShown } = await answer<{ latenciesMs: number[]; rowsShown: number }>(watcher);

    for (const address of paths) await client.call('ports.close', { address });
    const { id } = await client.call('sessions.stop', {});
    const { session, ports } = await client.call('sessions.show', { id: id ?? '' });
    const sent = report.bytes.reduce((sum, bytes) => sum + bytes, 0) - report.droppedBytes;
    const stored = ports.reduce((sum, port) => sum + port.rawBytes, 0);
    const lines = report.lines.reduce((sum, count) => sum + count, 0);
    const rows = session.logRowCount - 2 * BOARDS; // opened and closed
    const sorted = latenciesMs.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    const mb = (bytes: number | undefined) => ((bytes ?? 0) / 1e6).toFixed(0);

    print('lines a second', lines / seconds, `of ${BOARDS} boards, ${(sent / seconds / 1e6).toFixed(2)} MB/s for ${seconds} s`);
    print('bytes lost', sent - stored, `of ${sent}; boards could not send ${report.droppedBytes}`);
    print('rows stored', rows, `of ${lines} lines; dropped ${session.droppedCount}; in the window ${rowsShown}`);
    print('made to window, median', at(0.5), 'ms');
    print(
      'made to window, p99',
      at(0.99),
      `ms, ${(at(0.99) / LATENCY_LIMIT_MS).toFixed(2)} × the limit, of ${sorted.length}; worst ${at(1).toFixed(0)} ms`,
    );
    print('core CPU', cpuShare * 100, '% of one processor, its threads together');
    print('core memory', Number(mb(memory.at(-1))), `MB; start ${mb(memory[0])}, middle ${mb(memory[memory.length >> 1])}`);
    print('database', statSync(join(folder, 'library.db')).size / sent, '× the bytes received');
  } finally {
    for (const child of children) child.disconnect();
    await host.close();
    await core.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The last bytes are still in the boards' queues, and the kernel takes a few KB of them at a time. */
async function receivedAll(client: Client): Promise<void> {
  for (let before = -1, now = 0; before !== now; ) {
    before = now;
    await setTimeout(1000);
    const state = Promise.withResolvers<number>();
    const sum = (ports: readonly PortState[]) => ports.reduce((total, port) => total + port.receivedBytes, 0);
    const unsubscribe = client.subscribe('ports.state', {}, { onSnapshot: (ports) => state.resolve(sum(ports)), onDelta: () => {} });
    now = await state.promise;
    unsubscribe();
  }
}

async function answer<Answer>(child: ChildProcess): Promise<Answer> {
  const [message] = (await once(child, 'message')) as [Answer];
  return message;
}

function print(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(32)} ${value.toFixed(value < 10 ? 2 : 0).padStart(9)} ${unit}`);
}
