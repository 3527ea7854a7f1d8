import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RoomClient } from '../../../../../pipeline/boards/trtc/room-client.ts';
import { makeUserSig } from '../../../../../pipeline/gateways/trtc/user-sig.ts';
import { callApi, labSdkAppId, startBody, type TrtcRig, trtcRig } from '../../../../fakes/trtc.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const enter = (rig: TrtcRig, more: Partial<Parameters<typeof RoomClient.enter>[0]> = {}) =>
  RoomClient.enter({
    clock: rig.clock,
    gateway: rig.gateway,
    sdkAppId: labSdkAppId,
    roomId: '1234',
    roomIdType: 0,
    userId: 'user',
    ...more,
  });

/** Of an upgrade that is refused. */
function statusOf(rig: TrtcRig, query: string, origin?: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${rig.gateway}/trtc/room?${query}`, origin === undefined ? {} : { origin });
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
    socket.on('error', () => {});
  });
}

async function withRobot(rig: TrtcRig) {
  const client = await enter(rig);
  const begun = rig.conversations.next();
  await callApi(rig, 'StartAIConversation', startBody());
  const conversation = await begun;
  await client.untilThere('robot');
  return { client, conversation };
}

describe('entering', () => {
  test.each([
    ['no application', 'roomId=1&userId=u', 400],
    ['a room id of the other type', `sdkAppId=1&roomId=abc&userId=u`, 400],
    ['a user’s name with a slash', 'sdkAppId=1&roomId=1&userId=a%2Fb', 400],
    ['a codec nobody has', 'sdkAppId=1&roomId=1&userId=u&audioType=mp3', 400],
    ['the names of the documents, in their case', 'SdkAppId=1&RoomId=room&RoomIdType=1&UserId=u', 101],
  ])('%s', async (_what, query, status) => {
    await using rig = await trtcRig();
    expect(await statusOf(rig, query)).toBe(status);
  });

  test('a room that is open under a string id has no numeric one beside it', async () => {
    await using rig = await trtcRig();
    const client = await enter(rig, { roomIdType: 1 });
    expect(await statusOf(rig, `sdkAppId=${labSdkAppId}&roomId=1234&userId=other`)).toBe(409);
    await client.leave();
  });

  test('with another audio than the room’s', async () => {
    await using rig = await trtcRig();
    const client = await enter(rig, { audioType: 'pcm' });
    expect(await statusOf(rig, `sdkAppId=${labSdkAppId}&roomId=1234&userId=other&audioType=opus`)).toBe(409);
    await client.leave();
  });

  test('a user who comes back to a robot that talks must speak as before', async () => {
    await using rig = await trtcRig();
    const { client } = await withRobot(rig);
    await client.leave();
    expect(await statusOf(rig, `sdkAppId=${labSdkAppId}&roomId=1234&userId=user&audioType=pcm`)).toBe(409);
    const again = await enter(rig);
    await again.leave();
  });

  test('alone in a room one may change one’s audio', async () => {
    await using rig = await trtcRig();
    const first = await enter(rig);
    const second = await enter(rig, { audioType: 'pcm' });
    expect(rig.trtc.rooms.all()[0]?.audioFormat?.codec).toBe('pcm');
    await Promise.all([first.leave(), second.leave()]);
  });

  test('with a UserSig, where they are checked', async () => {
    const key = 'sdk-secret-key';
    await using rig = await trtcRig({ settings: { trtc: { userSig: 'checked' } }, sdkSecretKey: key });
    const facts = { sdkAppId: labSdkAppId, userId: 'user', atS: Math.floor(rig.clock.wallMs() / 1000), expiresAfterS: 60 };
    await expect(enter(rig)).rejects.toMatchObject({ value: { code: 'talk/refused', data: { reason: 'http 401' } } });
    const client = await enter(rig, { userSig: makeUserSig(key, facts) });
    await client.leave();
    const everything = JSON.stringify(rig.observer.events);
    expect(everything).toContain('userSig=[redacted]');
  });

  test('whoever comes under the same name puts the other out', async () => {
    await using rig = await trtcRig();
    const first = await enter(rig);
    const second = await enter(rig);
    await first.leave();
    expect([first.removedFor, first.closedWith]).toEqual(['replaced', 4003]);
    expect(rig.trtc.rooms.all().map(({ users }) => users)).toEqual([['user']]);
    await second.leave();
  });
});

describe('in the room', () => {
  test('audio goes to the conversation, the robot’s comes back with its name', async () => {
    await using rig = await trtcRig();
    const client = await enter(rig, { audioType: 'pcm' });
    const begun = rig.conversations.next();
    await callApi(rig, 'StartAIConversation', startBody());
    const conversation = await begun;
    expect(conversation.options).toMatchObject({ uplink: { codec: 'pcm', frameMs: 20 }, downlink: { codec: 'pcm', frameMs: 20 } });
    await new Promise<void>((resolve) => {
      conversation.onPacket = () => resolve();
    });
    expect(conversation.packets[0]?.packet.byteLength).toBe(640);
    conversation.peer.sendAudio(new Uint8Array(640).fill(1), 0);
    rig.trtc.rooms.all()[0]?.message({ userId: 'robot' } as never, 1, { type: 1 });
    await client.until(({ data }) => data.type === 1);
    expect(client.heard()).toEqual(new Int16Array(320).fill(0x0101));
    await client.leave();
  });

  test('20000 and 20001 reach the conversation; the document’s message may come bare', async () => {
    await using rig = await trtcRig();
    const { client, conversation } = await withRobot(rig);
    client.sendText('robot', '你好');
    client.interrupt('robot');
    const bare = { type: 20000, sender: 'user', receiver: ['robot'], payload: { message: '再见' } };
    client.send(bare);
    await rig.observer.until('wire.message', (event) => event.text?.includes('再见') === true);
    expect(conversation.texts.map(({ text }) => text)).toEqual(['你好', '再见']);
    expect(conversation.interruptions).toEqual(['client']);
    await client.leave();
  });

  test('what is not taken is recorded with its reason', async () => {
    await using rig = await trtcRig();
    const { client, conversation } = await withRobot(rig);
    client.send({ type: 20001, sender: 'somebody', receiver: ['robot'], payload: {} });
    const event = await rig.observer.until('wire.message', ({ isUnknown }) => isUnknown === true);
    expect(event).toMatchObject({ name: 'message 20001', note: 'sender is not the user who sends it' });
    expect(conversation.interruptions).toEqual([]);
    await client.leave();
  });

  test('more than thirty messages a second are dropped, and counted', async () => {
    const clock = new VirtualClock();
    await using rig = await trtcRig({ clock });
    const client = await enter(rig);
    await callApi(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    for (let count = 0; count < 33; count++) client.interrupt('robot');
    await client.leave();
    expect(rig.conversations.started[0]?.interruptions).toHaveLength(30);
    expect(await rig.observer.until('dropped')).toMatchObject({ what: 'room-message', count: 3 });
  });

  test('a message of the wire is sent again, up as if the user had and down to it', async () => {
    await using rig = await trtcRig();
    const { client, conversation } = await withRobot(rig);
    const again = { channel: 'websocket', name: 'message', deviceId: `${labSdkAppId}_user` } as const;
    const up = { type: 20000, sender: 'user', receiver: ['robot'], payload: { message: '再来' } };
    await rig.trtc.resend?.({ ...again, direction: 'up', text: JSON.stringify(up) });
    expect(conversation.texts.map(({ text }) => text)).toEqual(['再来']);
    await rig.trtc.resend?.({
      ...again,
      direction: 'down',
      text: '{"event":"message","userId":"robot","cmdId":1,"seq":9,"data":{"type":10001}}',
    });
    expect((await client.until(({ data }) => data.type === 10001)).from).toBe('robot');
    await expect(rig.trtc.resend?.({ ...again, deviceId: 'nobody', direction: 'up', text: '{}' })).rejects.toMatchObject({
      value: { code: 'not-found' },
    });
    await client.leave();
  });

  test('who is thrown out is told why', async () => {
    await using rig = await trtcRig();
    const client = await enter(rig);
    await callApi(rig, 'DismissRoom', { SdkAppId: labSdkAppId, RoomId: 1234 });
    await client.leave();
    expect([client.removedFor, client.closedWith]).toEqual(['dismissed', 4002]);
  });

  test('a client that would send more than a kilobyte is refused by itself, as the SDK does', async () => {
    await using rig = await trtcRig();
    const client = await enter(rig);
    expect(() => client.sendText('robot', 'x'.repeat(1024))).toThrow('too-large');
    await client.leave();
  });
});

describe('hostile peers', () => {
  // JSON whose members are no text and cannot be made one: `String` of it throws.
  test.each([
    ['a type that is no text', { event: 'message', cmdId: 2, data: { type: { toString: 1 }, sender: 'user' } }],
    ['a bare message without its type', { event: 'message', cmdId: 2, data: { type: { toString: 1, valueOf: 1 } } }],
    ['an event that is no text', { event: { toString: 1 }, cmdId: 2 }],
  ])('%s is refused like any other', async (_what, message) => {
    await using rig = await trtcRig();
    const { client, conversation } = await withRobot(rig);
    const bad = new WebSocket(`${rig.gateway}/trtc/room?sdkAppId=${labSdkAppId}&roomId=1234&userId=bad`);
    await new Promise((resolve) => bad.on('open', resolve));
    const told = rig.observer.until('wire.message', ({ isUnknown }) => isUnknown === true);
    bad.send(JSON.stringify(message));
    await told;
    expect(conversation.closeReason).toBeNull();
    bad.terminate();
    await client.leave();
  });

  test('rooms without end are refused before the handshake, where nothing of the peer can be an error of ours', async () => {
    await using rig = await trtcRig();
    for (let room = 1; room <= 500; room++) rig.trtc.rooms.open({ sdkAppId: 1, roomId: String(room), roomIdType: 0 });
    expect(await statusOf(rig, 'sdkAppId=1&roomId=501&userId=u')).toBe(503);
    expect(await statusOf(rig, 'sdkAppId=1&roomId=500&userId=u')).toBe(101);
  });

  test('a flood of audio does not reach the others', async () => {
    const clock = new VirtualClock();
    await using rig = await trtcRig({ clock });
    const quiet = await enter(rig);
    let heard = 0;
    const bad = new WebSocket(`${rig.gateway}/trtc/room?sdkAppId=${labSdkAppId}&roomId=1234&userId=bad`);
    const listening = new WebSocket(`${rig.gateway}/trtc/room?sdkAppId=${labSdkAppId}&roomId=1234&userId=ear`);
    listening.on('message', (_data, isBinary) => {
      if (isBinary) heard += 1;
    });
    await Promise.all([bad, listening].map((socket) => new Promise((resolve) => socket.on('open', resolve))));
    const left = rig.observer.until('wire.message', ({ name, deviceId }) => name === 'leave' && deviceId?.endsWith('_bad') === true);
    for (let packet = 0; packet < 3000; packet++) bad.send(Buffer.alloc(100));
    bad.send('{"event":"leave"}');
    await left;
    const gone = new Promise<void>((resolve) => {
      listening.on('message', (data, isBinary) => {
        if (!isBinary && String(data).includes('user-left')) resolve();
      });
    });
    await gone;
    expect(heard).toBe(500);
    listening.terminate();
    await quiet.leave();
  });

  test('a flood of long messages neither', async () => {
    await using rig = await trtcRig({ clock: new VirtualClock() });
    const bad = new WebSocket(`${rig.gateway}/trtc/room?sdkAppId=${labSdkAppId}&roomId=1234&userId=bad`);
    await new Promise((resolve) => bad.on('open', resolve));
    const left = rig.observer.until('wire.message', ({ name }) => name === 'leave');
    const message = JSON.stringify({ event: 'message', cmdId: 3, data: 'x'.repeat(30_000) });
    for (let count = 0; count < 10; count++) bad.send(message);
    bad.send('{"event":"leave"}');
    await left;
    const recorded = rig.observer.of('wire.message').filter(({ direction, text }) => direction === 'up' && text?.includes('xxx') === true);
    expect(recorded).toHaveLength(2);
  });

  test.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['https://127.0.0.1.evil.example', 403],
    ['http://localhost:5173', 101],
    ['http://192.168.1.9', 101],
  ])('a page of %s, while anybody may enter: %i', async (origin, status) => {
    await using rig = await trtcRig();
    expect(await statusOf(rig, 'sdkAppId=1&roomId=1&userId=u', origin)).toBe(status);
  });

  test('a page of anywhere with a UserSig that is checked', async () => {
    await using rig = await trtcRig({ settings: { trtc: { userSig: 'checked' } }, sdkSecretKey: 'key' });
    const userSig = makeUserSig('key', { sdkAppId: 1, userId: 'u', atS: Math.floor(rig.clock.wallMs() / 1000), expiresAfterS: 60 });
    expect(await statusOf(rig, `sdkAppId=1&roomId=1&userId=u&userSig=${encodeURIComponent(userSig)}`, 'https://app.example')).toBe(101);
  });

  test('a UserSig is recorded nowhere, however its name is written', async () => {
    await using rig = await trtcRig();
    await statusOf(rig, `sdkAppId=${labSdkAppId}&roomId=1&userId=u&user%53ig=very-secret-sig`);
    await statusOf(rig, `sdkAppId=${labSdkAppId}&roomId=1&userId=u&userSig=very-secret-sig`);
    expect(JSON.stringify(rig.observer.events)).not.toContain('very-secret-sig');
  });
});
