import { request as httpRequest } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RoomClient } from '../../../pipeline/boards/trtc/room-client.ts';
import { activationActions } from '../../../pipeline/gateways/cloud/activations.ts';
import { leaveCodes } from '../../../pipeline/gateways/trtc/callbacks.ts';
import { callApi, labSdkAppId, signedHeaders, startBody, type TrtcRig, trtcRig } from '../../fakes/trtc.ts';

/** Messages that are sent; the million of the hand-run: TALKBENCH_FUZZ=1000000. */
const ITERATIONS = Number(process.env.TALKBENCH_FUZZ ?? 3000);
const SEED = Number(process.env.TALKBENCH_FUZZ_SEED ?? 20_260_101);
const TIMEOUT_MS = Math.max(60_000, ITERATIONS * 50);
const AT_ONCE = 16;

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Dice = ReturnType<typeof random>;
const below = (dice: Dice, limit: number) => Math.floor(dice() * limit);
const oneOf = <Item>(dice: Dice, items: readonly Item[]): Item => items[below(dice, items.length)] as Item;

const hostile: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e308, '', ' ', '0', 'robot', 'user', '../../etc/passwd', '\u0000', '\ud800', 'x'.repeat(5000)],
  ...[
    [],
    {},
    [[]],
    { __proto__: null },
    [1, 'two', null],
    { constructor: { prototype: {} } },
    // What `String` and `Number` throw for.
    { toString: 1 },
    { toString: null, valueOf: null },
    JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`),
    '{"a":',
    '[1,2',
    '{"LLMType":{"a":1}}',
    '\n\n',
  ],
];

/** The value with one or a few of its parts replaced, removed or added. */
function mutated(dice: Dice, value: unknown): unknown {
  if (dice() < 0.15) return oneOf(dice, hostile);
  if (Array.isArray(value)) return value.map((item) => (dice() < 0.3 ? mutated(dice, item) : item));
  if (typeof value !== 'object' || value === null) return dice() < 0.5 ? oneOf(dice, hostile) : value;
  const members = Object.entries(value).flatMap(([name, member]) => {
    if (dice() < 0.05) return [];
    return [[dice() < 0.03 ? `${name}\u0000` : name, dice() < 0.3 ? mutated(dice, member) : member] as const];
  });
  return { ...Object.fromEntries(members), ...(dice() < 0.1 && { __proto__: 1, extra: oneOf(dice, hostile) }) };
}

/** JSON, cut or with a few of its characters changed now and then. */
function written(dice: Dice, value: unknown): string {
  const text = dice() < 0.02 ? `${'['.repeat(20_000)}` : (JSON.stringify(value) ?? '');
  if (dice() < 0.85) return text;
  const at = below(dice, text.length);
  return dice() < 0.5 ? text.slice(0, at) : `${text.slice(0, at)}${String.fromCharCode(below(dice, 256))}${text.slice(at + 1)}`;
}

const agent = {
  UserId: 'robot',
  UserSig: 's',
  TargetUserId: 'user',
  WelcomeMessage: 'hi',
  InterruptWordList: ['stop'],
  TurnDetection: { SemanticEagerness: 'low' },
};
const room = { SdkAppId: labSdkAppId, RoomId: 1234 };
const push = { Text: 'x', Interrupt: true, DropMode: 1 };
const devices = { DeviceList: [{ Sn: 'P_d' }] };
/** About the room that a user sits in, and the task that was started last: most of what the actions do, they do with those. */
const requests: readonly [action: string, body: (taskId: string) => Record<string, unknown>, version?: string][] = [
  [
    'StartAIConversation',
    () =>
      startBody({
        AgentConfig: agent,
        STTConfig: { Language: 'zh', VadSilenceTime: 500 },
        LLMConfig: '{"LLMType":"openai"}',
        TTSConfig: '{}',
      }),
  ],
  ['StopAIConversation', (TaskId) => ({ TaskId })],
  ['DescribeAIConversation', () => ({ SdkAppId: labSdkAppId, SessionId: 's' })],
  ['DescribeAIConversation', (TaskId) => ({ TaskId })],
  ['UpdateAIConversation', (TaskId) => ({ TaskId, LLMConfig: '{}' })],
  ['ControlAIConversation', (TaskId) => ({ TaskId, Command: 'ServerPushText', ServerPushText: push })],
  ['ControlAIConversation', (TaskId) => ({ TaskId, Command: 'InvokeLLM', InvokeLLM: { Content: 'x' } })],
  ['ControlAIConversation', (TaskId) => ({ TaskId, Command: 'TransparentData', TransparentData: { Data: '{}' } })],
  ['RemoveUser', () => ({ ...room, UserIds: ['robot'] })],
  ['DismissRoomByStrRoomId', () => ({ SdkAppId: labSdkAppId, RoomId: 'a' })],
  ['ActivateTWeCallLicense', () => ({ PkgType: 1, ...devices }), '2019-04-23'],
  ['GetTWeCallActiveStatus', () => devices, '2019-04-23'],
];

const activations = activationActions({ of: () => undefined, put: async () => {}, obstacle: () => undefined, wallMs: () => 0 });

/**
 * Status and body. Rejects where the connection was ended instead; one that was kept and that the server gave up in the same moment says
 * nothing of the message, and is asked for anew.
 */
function post(rig: TrtcRig, headers: Record<string, string>, body: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port: rig.port,
      method: 'POST',
      path: '/',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (outgoing.reusedSocket && error.code === 'ECONNRESET') post(rig, headers, body).then(resolve, reject);
      else reject(error);
    });
    outgoing.end(body);
  });
}

test('the cloud API answers whatever it is sent in its own words, and goes on', { timeout: TIMEOUT_MS }, async () => {
  const dice = random(SEED);
  await using rig = await trtcRig({ actions: activations, settings: { cloudApi: { requestsPerSecond: 1000 } } });
  const codes = new Map<string, number>();
  let lastTask = 'nobody';

  async function one(): Promise<void> {
    const [action, body, version = '2019-07-22'] = oneOf(dice, requests);
    const text = written(dice, mutated(dice, body(lastTask)));
    const atS = Math.floor(rig.clock.wallMs() / 1000) + (dice() < 0.05 ? below(dice, 1e6) : 0);
    const headers = signedHeaders({ action, version, body: dice() < 0.05 ? '{}' : text, host: rig.endpoint, atS });
    if (dice() < 0.1) {
      const name = oneOf(dice, Object.keys(headers));
      headers[name] = oneOf(dice, [
        '',
        'x'.repeat(2000),
        `${headers[name]} `,
        (headers[name] ?? '').slice(5),
        'TC3-HMAC-SHA256 Credential=//, SignedHeaders=;, Signature=0',
      ]);
    }
    const reply = await post(rig, headers, text);
    const { Response } = JSON.parse(reply.text);
    expect(reply.status).toBe(200);
    expect(Response.RequestId).toMatch(/^[0-9a-f-]{36}$/);
    lastTask = Response.TaskId ?? lastTask;
    const code = Response.Error?.Code ?? `ok ${action}`;
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }

  /** A user sits in the room, whoever was thrown out; and there is space for other tasks. */
  async function set(): Promise<void> {
    const { conversations, callbacks, configured, updates, requests: told, observer, trtc } = rig;
    for (const kept of [conversations.started, callbacks, configured, updates, told, observer.events]) kept.length = 0;
    if (trtc.rooms.all().some(({ users }) => users.includes('user'))) return;
    const { clock, gateway } = rig;
    await RoomClient.enter({ clock, gateway, sdkAppId: labSdkAppId, roomId: '1234', roomIdType: 0, userId: 'user' });
  }

  for (let done = 0; done < ITERATIONS; done += AT_ONCE) {
    await set();
    if (done % 4000 === 0) for (const task of rig.trtc.tasks.all()) task.stop(leaveCodes['removed-by-service']);
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }
  expect(rig.faults).toEqual([]);
  expect(codes.has('InternalError')).toBe(false);
  // It got through to the actions and was refused on the way to them, in every way there is.
  for (const code of [
    ...requests.filter(([action]) => action !== 'DismissRoomByStrRoomId').map(([action]) => `ok ${action}`),
    'MissingParameter',
    'UnknownParameter',
    'InvalidParameter',
    'InvalidParameterValue',
    'AuthFailure.SignatureFailure',
  ])
    expect([code, codes.has(code)]).toEqual([code, true]);
  expect((await callApi(rig, 'DescribeAIConversation', { SdkAppId: 1, SessionId: 's' })).response.Error).toBeUndefined();
});

test('a room survives what its users send; another user’s talk goes on', { timeout: TIMEOUT_MS }, async () => {
  const dice = random(SEED + 1);
  await using rig = await trtcRig();
  const enter = { clock: rig.clock, gateway: rig.gateway, sdkAppId: labSdkAppId, roomId: '1234', roomIdType: 0 } as const;
  const good = await RoomClient.enter({ ...enter, userId: 'user' });
  const begun = rig.conversations.next();
  await callApi(rig, 'StartAIConversation', startBody());
  const conversation = await begun;
  const messages = [
    {
      event: 'message',
      cmdId: 2,
      data: { type: 20000, sender: 'bad', receiver: ['robot'], payload: { id: '1', message: 'x', timestamp: 1 } },
    },
    { event: 'message', cmdId: 2, data: '{"type":20001,"sender":"bad","receiver":["robot"],"payload":{}}' },
    { type: 20001, sender: 'bad', receiver: ['robot'], payload: {} },
    { event: 'message', cmdId: 1, data: { type: 10001, payload: { state: 3 } } },
    { event: 'leave' },
  ];

  async function connection(pieces: number): Promise<void> {
    const socket = new WebSocket(`${rig.gateway}/trtc/room?sdkAppId=${labSdkAppId}&roomId=1234&userId=bad&audioType=opus&audioInterval=20`);
    const ended = new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
    await new Promise<void>((resolve) => {
      socket.on('open', () => resolve());
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
    for (let piece = 0; piece < pieces && socket.readyState === WebSocket.OPEN; piece++) {
      if (dice() < 0.3) socket.send(Buffer.alloc(below(dice, dice() < 0.05 ? 70_000 : 300), below(dice, 256)));
      else socket.send(written(dice, mutated(dice, oneOf(dice, messages))));
    }
    if (dice() < 0.5) socket.terminate();
    else socket.close();
    await ended;
  }

  for (let done = 0; done < ITERATIONS; done += 30) {
    await connection(30);
    rig.observer.events.length = 0;
  }
  expect(rig.faults).toEqual([]);
  // Only the user of the task is its user.
  expect(conversation.closeReason).toBeNull();
  const heard = rig.observer.until('wire.message', ({ text }) => text?.includes('still there') === true);
  good.sendText('robot', 'still there');
  await heard;
  expect(conversation.texts.at(-1)?.text).toBe('still there');
  expect(rig.trtc.rooms.all().map(({ users }) => users.includes('user'))).toEqual([true]);
  await good.leave();
});
