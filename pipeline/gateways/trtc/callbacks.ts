import type { ServerCallbacks } from '../callbacks/server-callbacks.ts';
import type { RoomName } from './room.ts';

/** EventType of the AI service's callbacks, group 9 (seed 002, 服务端回调). */
export const callbackTypes = {
  started: 901,
  stopped: 902,
  sentence: 903,
  speechStarted: 904,
  speakingFinished: 905,
  metric: 906,
  error: 908,
  session: 909,
} as const;

const AI_SERVICE = 9;

/** Why a task ended, as callback 902 says it. */
export const leaveCodes = {
  stopped: 0,
  'removed-by-application': 1,
  'dismissed-by-application': 2,
  'removed-by-service': 3,
  'dismissed-by-service': 4,
  failed: 98,
  idle: 99,
} as const;
export type LeaveCode = (typeof leaveCodes)[keyof typeof leaveCodes];

/** Tells a backend what happens in one task. */
export class TaskCallbacks {
  readonly #callbacks: ServerCallbacks;
  readonly #task: { taskId: string; room: RoomName; wallMs: () => number };

  constructor(callbacks: ServerCallbacks, task: { taskId: string; room: RoomName; wallMs: () => number }) {
    this.#callbacks = callbacks;
    this.#task = task;
  }

  /** `payload` in the document's names. */
  send(type: keyof typeof callbackTypes, payload: Record<string, unknown>): void {
    const { taskId, room, wallMs } = this.#task;
    this.#callbacks.send({
      eventGroupId: AI_SERVICE,
      eventType: callbackTypes[type],
      // The document's table calls EventMsTs a text; its examples, which are what receivers were written after, have a number.
      eventInfo: { EventMsTs: wallMs(), TaskId: taskId, RoomId: room.roomId, RoomIdType: room.roomIdType, Payload: payload },
      sdkAppId: room.sdkAppId,
      conversationId: taskId,
    });
  }
}
