import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createCore } from '../../../../../main/core/core.ts';
import { createLog } from '../../../../../main/core/log.ts';
import { RoomClient } from '../../../../../pipeline/boards/trtc/room-client.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { createClient } from '../../../../../preload/contract/client.ts';
import type { TrtcState } from '../../../../../preload/contract/cloud/trtc.ts';
import { memoryTransportPair } from '../../../../../preload/contract/transports/memory.ts';
import { startBody } from '../../../../fakes/trtc.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open() {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'reopen-'));
  closers.push(() => rm(dataDirectory, { recursive: true, force: true }));
  const core = await createCore({
    dataDirectory,
    listeners: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
    log: createLog({ level: 'silent' }),
    appVersion: '0.0.0',
  });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await core.close();
  };
  closers.push(close);
  const [near, far] = memoryTransportPair();
  core.endpoint.accept(far, { role: 'operator' });
  const client = createClient(near);
  closers.push(() => client.close());
  await client.welcome;
  return { client, close };
}

test('listeners that are opened anew while a robot talks: its task ends, its user is told, the list is empty and the next talk works', {
  timeout: 60_000,
}, async () => {
  const { client } = await open();
  const portNow = async () => {
    const { listeners } = await client.call('core.status', {});
    return listeners.find(({ name, state }) => name === 'gateway' && state === 'listening')?.port ?? 0;
  };
  const { sdkAppId } = await client.call('accounts.get', {});
  const states: TrtcState[] = [];
  client.subscribe('trtc.state', {}, { onSnapshot: (state) => void states.push(state), onDelta: (deltas) => void states.push(...deltas) });
  const talk = async () => {
    const gateway = `ws://127.0.0.1:${await portNow()}`;
    const user = await RoomClient.enter({ clock: systemClock, gateway, sdkAppId, roomId: '1234', roomIdType: 0, userId: 'user' });
    const parameters = startBody({ SdkAppId: sdkAppId, SessionId: 'one', STTConfig: { Language: 'en' } });
    const { response } = await client.call('trtc.call', { action: 'StartAIConversation', parameters });
    await user.untilThere('robot');
    return { user, taskId: String(response.TaskId) };
  };

  const first = await talk();
  await expect.poll(() => states.at(-1)?.tasks.map(({ status }) => status)).toEqual(['InProgress']);
  const addresses = async () => (await client.call('core.status', {})).listeners.map(({ name, port, state }) => ({ name, port, state }));
  const before = await addresses();
  await client.call('reach.reopen', {});
  // Free ports, and the same ones again: boards know no others.
  expect(await addresses()).toEqual(before);
  await expect.poll(() => first.user.closedWith).toBe(1001);
  await expect.poll(() => states.at(-1)).toMatchObject({ tasks: [], rooms: [] });
  await expect(client.call('trtc.call', { action: 'StopAIConversation', parameters: { TaskId: first.taskId } })).rejects.toMatchObject({
    value: { code: 'cloud/refused', data: { code: 'InvalidParameter.TaskId' } },
  });

  // Twice at once: one after the other, and the listeners are open in the end.
  await Promise.all([client.call('reach.reopen', {}), client.call('reach.reopen', {})]);
  const second = await talk();
  await client.call('trtc.call', { action: 'StopAIConversation', parameters: { TaskId: second.taskId } });
  await second.user.leave();
});

test('a bench that closes while its listeners are opened anew leaves none open', { timeout: 60_000 }, async () => {
  const { client, close } = await open();
  const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap');
  expect(servers().length).toBeGreaterThan(0);
  const reopened = Promise.all([client.call('reach.reopen', {}), client.call('reach.reopen', {})]).catch(() => undefined);
  await close();
  await reopened;
  expect(servers()).toEqual([]);
});
