import type { Bench } from '../../bench.ts';

const PING_MS = 5000;

/** What says nothing by itself answers: on its voice connection, to its cloud, at its AT port. */
export async function isAlive(bench: Bench): Promise<boolean> {
  const { port } = bench;
  const device = bench.device();
  if (device?.record()?.isOnline === true) return true;
  if (device !== null && device.conversationId() !== null && (await device.ping(4, PING_MS)) !== null) return true;
  if (port?.family !== 'cat1') return false;
  const { final } = await port.at('AT').catch(() => ({ final: undefined }));
  return final?.kind === 'ok';
}
