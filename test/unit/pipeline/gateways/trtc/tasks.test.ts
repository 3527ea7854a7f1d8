import { describe, expect, test } from 'vitest';
import { makeUserSig } from '../../../../../pipeline/gateways/trtc/user-sig.ts';
import { callApi, labSdkAppId, startBody, type TrtcRig, trtcRig } from '../../../../fakes/trtc.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';
import { RoomUser } from './room-user.ts';

const name = { sdkAppId: labSdkAppId, roomId: '1234', roomIdType: 0 } as const;

function enter(rig: TrtcRig, userId = 'user', room = name as Parameters<TrtcRig['trtc']['rooms']['open']>[0]): RoomUser {
  const user = new RoomUser(userId);
  const opened = rig.trtc.rooms.open(room);
  if (opened === undefined) throw new Error('no room');
  opened.audioFormat = { codec: 'pcm', sampleRate: 16000, frameMs: 20 };
  opened.enter(user);
  return user;
}

async function virtual(options: Parameters<typeof trtcRig>[0] = {}) {
  const clock = new VirtualClock();
  return { clock, rig: await trtcRig({ clock, ...options }) };
}

const types = (rig: TrtcRig) => rig.callbacks.map(({ eventType }) => eventType);
const payload = (rig: TrtcRig, type: number) => rig.callbacks.find(({ eventType }) => eventType === type)?.eventInfo.Payload;
const call = (rig: TrtcRig, action: string, body: Record<string, unknown>) => callApi(rig, action, body).then(({ response }) => response);

describe('from the start to the end', () => {
  test('Idle before, Preparing at first, InProgress with the robot in the room, Stopped after', async () => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    const session = { SdkAppId: labSdkAppId, SessionId: 'one' };
    expect((await call(rig, 'DescribeAIConversation', session)).Status).toBe('Idle');
    const { TaskId } = await call(rig, 'StartAIConversation', startBody({ SessionId: 'one' }));
    expect((await call(rig, 'DescribeAIConversation', { TaskId })).Status).toBe('Preparing');
    await clock.advance(50_000);
    expect((await call(rig, 'DescribeAIConversation', session)).Status).toBe('InProgress');
    await call(rig, 'StopAIConversation', { TaskId });
    const after = await call(rig, 'DescribeAIConversation', { TaskId });
    expect(after).toMatchObject({ Status: 'Stopped', TaskId, SessionId: 'one' });
    expect(after.StartTime).toMatch(/^2026-01-01 08:00:00\.\d{6}$/);
  });

  test('the session is ready when the user is there, and what the document lists stands in each callback', async () => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    const { TaskId } = await call(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    expect(types(rig)).toEqual([901]);
    enter(rig);
    expect(types(rig)).toEqual([901, 909]);
    expect(rig.callbacks[0]).toEqual({
      ...{ eventGroupId: 9, eventType: 901, sdkAppId: labSdkAppId, conversationId: TaskId },
      eventInfo: { EventMsTs: expect.any(Number), TaskId, RoomId: '1234', RoomIdType: 0, Payload: { Status: 0 } },
    });
    expect(payload(rig, 909)).toEqual({ Status: 'session_ready' });
  });

  test('the robot stays when the user leaves and comes back', async () => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    const user = enter(rig);
    await call(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    rig.trtc.rooms.find(name)?.leave(user);
    enter(rig);
    expect([rig.conversations.started.length, types(rig)]).toEqual([1, [901, 909]]);
  });
});

describe('every LeaveCode', () => {
  const ends: [number, string, (rig: TrtcRig, taskId: string, clock: VirtualClock) => unknown][] = [
    [0, 'the stop action', (rig, TaskId) => call(rig, 'StopAIConversation', { TaskId })],
    [
      1,
      'the application throws the robot out',
      (rig) => call(rig, 'RemoveUser', { SdkAppId: labSdkAppId, RoomId: 1234, UserIds: ['robot'] }),
    ],
    [2, 'the application dismisses the room', (rig) => call(rig, 'DismissRoom', { SdkAppId: labSdkAppId, RoomId: 1234 })],
    [3, 'the service throws the robot out', (rig) => rig.trtc.rooms.find(name)?.remove('robot', 'removed-by-bench')],
    [4, 'the service dismisses the room', (rig) => rig.trtc.rooms.find(name)?.dismiss('dismissed-by-bench')],
    [98, 'the conversation ends with a fault', (rig) => rig.conversations.started[0]?.peer.close('transport')],
    [99, 'nobody sends audio for so long', (_rig, _taskId, clock) => clock.advance(60_000_000)],
  ];

  test.each(ends)('%i: %s', async (code, _what, end) => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    enter(rig);
    const { TaskId } = await call(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    await end(rig, TaskId as string, clock);
    expect(payload(rig, 902)).toEqual({ LeaveCode: code });
    expect(rig.trtc.tasks.find(TaskId as string)?.status).toBe('Stopped');
    expect(rig.trtc.rooms.find(name)?.has('robot') ?? false).toBe(false);
  });

  test('audio keeps it, MaxIdleTime counts from the last of it', async () => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    const user = enter(rig);
    await call(rig, 'StartAIConversation', startBody({}, { MaxIdleTime: 10 }));
    await clock.advance(9_000_000);
    rig.trtc.rooms.find(name)?.audio(user, new Uint8Array(640));
    await clock.advance(9_900_000);
    expect(types(rig)).not.toContain(902);
    await clock.advance(200_000);
    expect(payload(rig, 902)).toEqual({ LeaveCode: 99 });
  });

  test('a robot of the same name ends the one before', async () => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    enter(rig);
    await call(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    await call(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    expect(types(rig)).toEqual([901, 909, 902, 901, 909]);
  });
});

describe('starts that are refused', () => {
  const codeOf = async (rig: TrtcRig, body: Record<string, unknown>) => (await call(rig, 'StartAIConversation', body)).Error?.Code;

  test.each([
    ['a room id that is no number', startBody({ RoomId: 'abc' }), 'InvalidParameter.RoomId'],
    ['a room id beyond the numbers', startBody({ RoomId: '4294967295' }), 'InvalidParameter.RoomId'],
    ['a robot’s name with a space', startBody({}, { UserId: 'a b' }), 'InvalidParameter.UserId'],
    ['a robot called as its user', startBody({}, { UserId: 'user' }), 'InvalidParameter.UserId'],
    ['LLMConfig that is no JSON', startBody({ LLMConfig: 'openai' }), 'InvalidParameter'],
  ])('%s', async (_what, body, code) => {
    await using rig = await trtcRig();
    expect(await codeOf(rig, body)).toBe(code);
  });

  test('a RoomIdType other than the open room’s, and likewise a user who comes with another', async () => {
    const { rig } = await virtual();
    await using _ = rig;
    enter(rig, 'user', { ...name, roomIdType: 1 });
    expect(await codeOf(rig, startBody())).toBe('InvalidParameterValue.RoomId');
    expect(await codeOf(rig, startBody({ RoomIdType: 1 }))).toBeUndefined();
  });

  test('a second task of one SessionId while the first runs', async () => {
    const { rig } = await virtual();
    await using _ = rig;
    const { TaskId } = await call(rig, 'StartAIConversation', startBody({ SessionId: 's' }));
    expect(await codeOf(rig, startBody({ SessionId: 's' }))).toBe('FailedOperation.TaskExist');
    await call(rig, 'StopAIConversation', { TaskId });
    expect(await codeOf(rig, startBody({ SessionId: 's' }))).toBeUndefined();
  });

  test('a robot called as somebody in the room', async () => {
    const { rig } = await virtual();
    await using _ = rig;
    enter(rig, 'robot');
    expect(await codeOf(rig, startBody())).toBe('InvalidParameter.UserId');
  });

  test('without a configuration, where the lab wants what the document wants', async () => {
    await using rig = await trtcRig({ settings: { trtc: { isConfigNeeded: true } } });
    expect(await codeOf(rig, startBody())).toBe('MissingParameter');
    expect(await codeOf(rig, startBody({ LLMConfig: '{}', TTSConfig: '{}' }))).toBeUndefined();
  });

  test('a UserSig that is not the application’s, where they are checked', async () => {
    const key = 'sdk-secret-key';
    const { clock, rig } = await virtual({ settings: { trtc: { userSig: 'checked' } }, sdkSecretKey: key });
    await using _ = rig;
    const facts = { sdkAppId: labSdkAppId, userId: 'robot', atS: Math.floor(clock.wallMs() / 1000), expiresAfterS: 60 };
    expect(await codeOf(rig, startBody())).toBe('InvalidParameter.UserSig');
    expect(await codeOf(rig, startBody({}, { UserSig: makeUserSig('another', facts) }))).toBe('InvalidParameter.UserSig');
    expect(await codeOf(rig, startBody({}, { UserSig: makeUserSig(key, { ...facts, userId: 'user' }) }))).toBe('InvalidParameter.UserSig');
    expect(await codeOf(rig, startBody({}, { UserSig: makeUserSig(key, facts) }))).toBeUndefined();
    await clock.advance(61_000_000);
    expect(await codeOf(rig, startBody({}, { UserId: 'robot2', UserSig: makeUserSig(key, { ...facts, userId: 'robot2' }) }))).toBe(
      'InvalidParameter.UserSig',
    );
  });

  test('a failed start is told by 901 alone', async () => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    enter(rig);
    rig.trtc.tasks.failNextStart();
    const { TaskId } = await call(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    expect([types(rig), payload(rig, 901)]).toEqual([[901], { Status: 1 }]);
    expect((await call(rig, 'DescribeAIConversation', { TaskId })).Status).toBe('Stopped');
  });
});

describe('of tasks nobody has', () => {
  test.each(['StopAIConversation', 'DescribeAIConversation', 'UpdateAIConversation'])('%s', async (action) => {
    await using rig = await trtcRig();
    expect((await call(rig, action, { TaskId: 'nobody' })).Error?.Code).toBe('InvalidParameter.TaskId');
  });

  test('ControlAIConversation before the user is there', async () => {
    const { clock, rig } = await virtual();
    await using _ = rig;
    const { TaskId } = await call(rig, 'StartAIConversation', startBody());
    await clock.advance(50_000);
    const { Error: refusal } = await call(rig, 'ControlAIConversation', {
      TaskId,
      Command: 'ServerPushText',
      ServerPushText: { Text: '你好' },
    });
    expect(refusal?.Code).toBe('FailedOperation.NotAllowed');
  });
});
