import { asObject, wordOf } from '../../json-object.ts';
import { parseObject } from '../twetalk/board-text.ts';

/**
 * Custom messages of a room (seed 002): cmdID 1 from the robot to everybody, cmdID 2 from a user to the robot.
 */
export const FROM_ROBOT = 1;
export const TO_ROBOT = 2;

export const messageTypes = { subtitle: 10000, state: 10001, metric: 10020, error: 10030, text: 20000, interrupt: 20001 } as const;
export const robotStates = { listening: 1, thinking: 2, speaking: 3, interrupted: 4 } as const;

export interface RobotMessage {
  type: number;
  /** Who speaks, or the robot. */
  sender: string;
  /** Empty: everybody in the room. */
  receiver: string[];
  payload: Record<string, unknown>;
}

export interface Subtitle {
  text: string;
  translation?: string;
  /** Seconds since the task's start. */
  startS: number;
  endS: number;
  roundId: string;
  isEnd: boolean;
}

/** 10000: the subtitle of whoever `sender` is. `translation_text` is always there, as in the document's first form of the message. */
export function subtitleMessage(sender: string, { text, translation, startS, endS, roundId, isEnd }: Subtitle): RobotMessage {
  const times = { start_time: clockText(startS), end_time: clockText(endS) };
  const payload = { text, translation_text: translation ?? '', ...times, roundid: roundId, end: isEnd };
  return { type: messageTypes.subtitle, sender, receiver: [], payload };
}

/** 10001. `atMs` is Unix time; the document's example counts in seconds. */
export function stateMessage(robot: string, state: keyof typeof robotStates, roundId: string, atMs: number): RobotMessage {
  const payload = { roundid: roundId, timestamp: Math.floor(atMs / 1000), state: robotStates[state] };
  return { type: messageTypes.state, sender: robot, receiver: [], payload };
}

/** 10020. Milliseconds, or a count (tts_discontinuity). */
export function metricMessage(robot: string, metric: string, value: number, roundId: string): RobotMessage {
  return { type: messageTypes.metric, sender: robot, receiver: [], payload: { metric, value, tag: { roundid: roundId } } };
}

/** 10030. `code` is one of 30100 … 30302. */
export function errorMessage(robot: string, error: { metric: string; roundId: string; code: number; message: string }): RobotMessage {
  const { metric, roundId, code, message } = error;
  return { type: messageTypes.error, sender: robot, receiver: [], payload: { metric, tag: { roundid: roundId, code, message } } };
}

export type UserMessage =
  | { kind: 'text'; text: string; id: string }
  | { kind: 'interrupt'; id: string }
  | { kind: 'refused'; type: string; reason: string };

/** What somebody says in one go is far shorter. */
const MOST_CHARACTERS = 4096;

/**
 * Reads 20000 and 20001 as the service does: the sender must be who sends it, and a robot of the room among the receivers. Anything else
 * is 'refused' with its reason; never throws.
 */
export function readUserMessage(data: unknown, from: string, isRobot: (userId: string) => boolean): UserMessage & { robots?: string[] } {
  const message = asObject(typeof data === 'string' ? parseObject(data) : data);
  const type = message === null ? 'not JSON' : wordOf(message.type, 20);
  const refused = (reason: string): UserMessage => ({ kind: 'refused', type, reason });
  if (message === null) return refused('not a JSON object');
  if (message.type !== messageTypes.text && message.type !== messageTypes.interrupt) return refused('the type is not known');
  if (message.sender !== from) return refused('sender is not the user who sends it');
  const robots = Array.isArray(message.receiver)
    ? message.receiver.filter((id): id is string => typeof id === 'string' && isRobot(id))
    : [];
  if (robots.length === 0) return refused('no robot of this room is among the receivers');
  const payload = asObject(message.payload);
  const id = typeof payload?.id === 'string' ? payload.id.slice(0, 100) : '';
  if (message.type === messageTypes.interrupt) return { kind: 'interrupt', id, robots };
  const text = payload?.message;
  if (typeof text !== 'string' || text.trim() === '' || text.length > MOST_CHARACTERS)
    return refused(`payload.message: want a text of up to ${MOST_CHARACTERS} characters`);
  return { kind: 'text', text, id, robots };
}

/** '00:01:02' */
function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
