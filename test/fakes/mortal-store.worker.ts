/** A store thread that dies when the test says so on the channel, as one does that runs out of memory. */
import { BroadcastChannel, workerData } from 'node:worker_threads';

const channel = new BroadcastChannel('mortal-store');
channel.onmessage = (message) => {
  if ((message as { data: unknown }).data === (workerData as { role: string }).role) process.exit(1);
};
channel.unref();
await import('../../main/core/store/store.worker.ts');
