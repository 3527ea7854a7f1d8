import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import { isForeignPage } from '../foreign-page.ts';
import type { Gateway, GatewayDeps } from '../gateway.ts';
import { pathOf, refuseUpgrade } from '../http.ts';
import { recordedTarget } from '../recorded-target.ts';
import { createCustomTts } from './custom-tts.ts';
import { partFrom } from './part-from.ts';
import { type RoomQuery, readRoomQuery } from './room-query.ts';
import { type Seat, seatAtSocket } from './room-socket.ts';
import { Rooms } from './rooms.ts';
import type { TaskConfiguration } from './task.ts';
import type { TaskRequest } from './task-request.ts';
import { Tasks } from './tasks.ts';
import { checkUserSig } from './user-sig.ts';

export interface TrtcGatewayDeps
  extends Pick<
    GatewayDeps,
    'clock' | 'observer' | 'settings' | 'accounts' | 'callbacks' | 'startConversation' | 'engines' | 'http' | 'log'
  > {
  configure(request: TaskRequest): Promise<TaskConfiguration>;
  /** The bench's own settings, for the synthesiser that is served. */
  benchSettings: () => ConversationSettings;
  /** Of a subtitle; null where nothing is translated now. */
  translate: (text: string, language: 'zh' | 'en') => Promise<string> | null;
  /** The application's SDKSecretKey; null: none is known, and no UserSig can be checked. */
  sdkSecretKey: () => string | null;
  ttsApiKey: () => string | null;
  /** Tasks or rooms are others than they were. */
  onChange: () => void;
}

export interface TrtcGateway extends Gateway {
  readonly tasks: Tasks;
  readonly rooms: Rooms;
  observe(event: PipelineEvent): void;
}

const MOST_MESSAGE_BYTES = 64 * 1024;
const MOST_IN_ROOM = 50;

function seatId(sdkAppId: number, userId: string): string {
  return `${sdkAppId}_${userId}`;
}

/** TRTC's AI conversations: rooms over WebSocket, the robots that talk in them, and the custom TTS that the bench serves. */
export function startTrtcGateway(deps: TrtcGatewayDeps): TrtcGateway {
  const { clock, observer, settings, accounts, log } = deps;
  const rooms = new Rooms(clock);
  /** By application and user, as the wire names them. */
  const seats = new Map<string, Seat>();
  let isClosing = false;

  const tasks = new Tasks({
    ...{ clock, rooms, log },
    callbacks: deps.callbacks,
    startConversation: deps.startConversation,
    translate: deps.translate,
    onChange: deps.onChange,
    configure: deps.configure,
    refusedUserSig: ({ room, robot }) => refusedUserSig(room.sdkAppId, robot.userId, robot.userSig),
    isSdkAppId: (sdkAppId) => settings().trtc.sdkAppId === 'any' || sdkAppId === accounts.sdkAppId(),
    isConfigNeeded: () => settings().trtc.isConfigNeeded,
    onNotes: (taskId, notes) => {
      for (const note of notes) record({ conversationId: taskId, direction: 'down', name: 'task', note });
    },
  });

  function record(facts: {
    conversationId?: string;
    channel?: 'http' | 'websocket';
    direction: 'up' | 'down';
    name: string;
    text?: string;
    note?: string;
    deviceId?: string;
  }): void {
    observer.event({ atUs: clock.nowUs(), kind: 'wire.message', gateway: 'trtc', channel: 'http', ...facts });
  }

  function refusedUserSig(sdkAppId: number, userId: string, userSig: string): string | null {
    const key = deps.sdkSecretKey();
    if (settings().trtc.userSig === 'any') return null;
    if (key === null) return 'no SDKSecretKey is known here';
    const verdict = checkUserSig(userSig, key, { sdkAppId, userId, nowS: Math.floor(clock.wallMs() / 1000) });
    return verdict === 'ok' ? null : verdict;
  }

  /** Why not, with the status that says it. */
  function refusal(request: IncomingMessage, query: RoomQuery | string): { status: number; reason: string } | null {
    if (isClosing) return { status: 503, reason: 'closing' };
    if (typeof query === 'string') return { status: 400, reason: query };
    const { room: name, userId, userSig, audio } = query;
    if (settings().trtc.userSig === 'any' && isForeignPage(request))
      return { status: 403, reason: 'a page of another site: check UserSigs to let it in' };
    const refused = refusedUserSig(name.sdkAppId, userId, userSig);
    if (refused !== null) return { status: 401, reason: `UserSig: ${refused}` };
    if (settings().trtc.sdkAppId === 'account' && name.sdkAppId !== accounts.sdkAppId())
      return { status: 401, reason: 'sdkAppId is not the account’s' };
    if (rooms.isOfOtherType(name)) return { status: 409, reason: `the room is open with another roomIdType than ${name.roomIdType}` };
    const room = rooms.find(name);
    if (room?.isRobot(userId) === true) return { status: 409, reason: 'a robot of the room has this userId' };
    if (room === undefined && rooms.isFull) return { status: 503, reason: 'too many rooms' };
    if (room !== undefined && room.size >= MOST_IN_ROOM) return { status: 503, reason: 'the room is full' };
    const format = room?.audioFormat ?? null;
    const isSame = format === null || (format.codec === audio.codec && format.frameMs === audio.frameMs);
    const isAlone = room?.userIds().every((other) => other === userId) ?? true;
    return isSame || isAlone ? null : { status: 409, reason: `the room speaks ${format.codec} in frames of ${format.frameMs} ms` };
  }

  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MOST_MESSAGE_BYTES });

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const query = pathOf(request) === '/trtc/room' ? readRoomQuery(request.url ?? '/') : 'no such path';
    const refused = refusal(request, query);
    const about = typeof query === 'string' ? {} : { deviceId: seatId(query.room.sdkAppId, query.userId) };
    const text = recordedTarget(request.url ?? '').slice(0, 2000);
    record({
      channel: 'websocket',
      direction: 'up',
      name: '/trtc/room',
      text,
      ...about,
      ...(refused && { note: `refused: ${refused.reason}` }),
    });
    if (refused !== null || typeof query === 'string') {
      refuseUpgrade(socket, refused?.status ?? 400);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const room = rooms.open(query.room);
      // `refusal` has seen to it.
      if (room === undefined) {
        webSocket.terminate();
        return;
      }
      // A robot that talks has an encoder for what the room spoke when it began.
      if (room.audioFormat === null || room.userIds().every((other) => other === query.userId)) room.audioFormat = query.audio;
      const taskId = () =>
        tasks
          .all()
          .findLast(
            ({ status, request: { targetUserId, room: its } }) =>
              status === 'InProgress' && targetUserId === query.userId && rooms.find(its) === room,
          )?.id;
      const member = seatAtSocket(webSocket, query.userId, room, { clock, observer, conversationId: taskId });
      const id = seatId(query.room.sdkAppId, query.userId);
      seats.set(id, member);
      deps.onChange();
      webSocket.once('close', () => {
        if (seats.get(id) === member) seats.delete(id);
        deps.onChange();
      });
    });
  }

  const onTts = createCustomTts({
    clock,
    settings: deps.benchSettings,
    engines: deps.engines,
    apiKey: deps.ttsApiKey,
    onRequest: ({ text, headers, outcome }) =>
      record({
        direction: 'up',
        name: 'custom TTS',
        text: JSON.stringify({ Text: text, headers }),
        ...(outcome !== 'ok' && { note: outcome }),
      }),
    log,
  });
  const unmounts = [
    deps.http.mount({ prefix: '/trtc/room', onUpgrade }),
    deps.http.mount({ prefix: '/trtc/tts', onRequest: onTts }),
    deps.http.mount({ prefix: '/api/v1/tts/stream', onRequest: onTts }),
  ];

  return {
    listeners: [],
    tasks,
    rooms,
    conversation: (id) => tasks.find(id)?.conversation ?? undefined,
    observe: (event) => tasks.observe(event),
    async resend({ channel, direction, deviceId = '', text }) {
      if (channel !== 'websocket')
        throw new TalkError('unsupported', { feature: 'resend', why: 'only messages of rooms can be sent again' });
      if (text === undefined) throw new TalkError('bad-request', { issues: [{ path: 'text', message: 'messages of rooms are text' }] });
      const seat = seats.get(deviceId);
      if (seat === undefined) throw new TalkError('not-found', { what: 'user in a room', id: deviceId });
      seat.again(direction, text);
    },
    async close() {
      isClosing = true;
      for (const unmount of unmounts) unmount();
      await tasks.close();
      for (const seat of seats.values()) seat.close();
      await partFrom(webSockets.clients);
      webSockets.close();
    },
  };
}
