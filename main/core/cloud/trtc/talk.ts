import { randomInt } from 'node:crypto';
import { resample } from '../../../../pipeline/audio/resample.ts';
import { decodeWav, encodeWav } from '../../../../pipeline/audio/wav.ts';
import { type HeardMessage, RoomClient } from '../../../../pipeline/boards/trtc/room-client.ts';
import { asObject } from '../../../../pipeline/json-object.ts';
import type { CallBody, CallReply } from '../../../../preload/contract/index.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';

export interface TalkDeps {
  clock: Clock;
  /** Of the gateway, `ws://127.0.0.1:8787`. */
  gateway: string;
  sdkAppId: number;
  speak(text: string, language: 'zh' | 'en', signal: AbortSignal): Promise<Int16Array>;
  /** Runs an action of the API. */
  call(action: string, parameters: Record<string, unknown>): Promise<Record<string, unknown>>;
  userSig(userId: string, sdkAppId: number): string;
}

type TalkRequest = CallBody<'trtc.talk'>;
const ROBOT = 'talkbench-robot';
const [SUBTITLE, STATE] = [10000, 10001];
const [LISTENING, SPEAKING, INTERRUPTED] = [1, 3, 4];

/** One question and its answer in a room, by a virtual client. Rejects with TalkError 'cloud/refused' | 'talk/refused' | 'timeout'. */
export async function talkInRoom(request: TalkRequest, deps: TalkDeps, signal: AbortSignal): Promise<CallReply<'trtc.talk'>> {
  const { clock } = deps;
  const sdkAppId = request.sdkAppId ?? deps.sdkAppId;
  const roomId = request.roomId ?? String(randomInt(1, 4_000_000_000));
  const { roomIdType, userId, language, audioType } = request;
  const timeoutMs = request.timeoutS * 1000;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const pcm = await sourcePcm(request, deps, signal);
  const userSig = deps.userSig(userId, sdkAppId);
  const client = await RoomClient.enter({ clock, gateway: deps.gateway, sdkAppId, roomId, roomIdType, userId, userSig, audioType });
  const fromUs = clock.nowUs();
  let taskId = '';
  try {
    const robot = request.parameters === null ? await robotThere(client, limit) : robotOf(request.parameters);
    if (request.parameters !== null) {
      const parameters = startParameters(request.parameters, {
        sdkAppId,
        roomId,
        roomIdType,
        userId,
        language,
        robotSig: deps.userSig(robot, sdkAppId),
      });
      taskId = String((await deps.call('StartAIConversation', parameters)).TaskId);
      await client.untilThere(robot, limit);
      // It greets first, or says at once that it listens.
      await client.until(isState(LISTENING), limit);
    }
    const askedUs = clock.nowUs();
    if (pcm === null) client.sendText(robot, request.source.kind === 'message' ? request.source.text : '');
    else await client.speak(pcm);
    await client.until(after(askedUs, isState(SPEAKING)), limit);
    if (request.interruptAfterMs !== null) {
      await pause(request.interruptAfterMs, clock);
      client.interrupt(robot);
      await client.until(after(askedUs, isState(INTERRUPTED)), limit);
    } else {
      const { atUs } = await client.until(after(askedUs, isState(SPEAKING)), limit);
      await client.until(after(atUs, isState(LISTENING)), limit);
    }
    const messages = client.messages.map(({ atUs, data }) => ({ atMs: (atUs - fromUs) / 1000, type: Number(data.type), message: data }));
    const said = (sender: string) => subtitles(client.messages.filter(after(askedUs, ({ data }) => data.sender === sender)));
    const wav = encodeWav({ channels: [client.heard()], sampleRate: 16_000 });
    return { taskId, transcript: said(userId), reply: said(robot), messages, wav };
  } catch (error) {
    if (limit.aborted && !signal.aborted) throw new TalkError('timeout', { operation: 'talk', timeoutMs });
    throw error;
  } finally {
    if (taskId !== '') await deps.call('StopAIConversation', { TaskId: taskId }).catch(() => {});
    await client.leave();
  }
}

async function sourcePcm({ source, language }: TalkRequest, deps: TalkDeps, signal: AbortSignal): Promise<Int16Array | null> {
  if (source.kind === 'message') return null;
  if (source.kind === 'speech') return deps.speak(source.text, language, signal);
  const { channels, sampleRate } = decodeWav(source.wav);
  const mono = channels[0];
  if (mono === undefined || mono.length === 0) throw new TalkError('audio/bad-wav', { reason: 'no samples' });
  return resample(mono, { from: sampleRate, to: 16_000 });
}

function robotOf(parameters: Record<string, unknown>): string {
  const given = asObject(parameters.AgentConfig)?.UserId;
  return typeof given === 'string' ? given : ROBOT;
}

/** Whoever tells of itself is one. */
async function robotThere(client: RoomClient, signal: AbortSignal): Promise<string> {
  return (await client.until(({ data }) => data.type === STATE, signal)).from;
}

function startParameters(
  given: Record<string, unknown>,
  talk: { sdkAppId: number; roomId: string; roomIdType: 0 | 1; userId: string; language: string; robotSig: string },
): Record<string, unknown> {
  const { sdkAppId, roomId, roomIdType, userId, language, robotSig } = talk;
  const agent = { UserId: ROBOT, ...asObject(given.AgentConfig), UserSig: robotSig, TargetUserId: userId };
  const stt = { Language: language, ...asObject(given.STTConfig) };
  return { ...given, SdkAppId: sdkAppId, RoomId: roomId, RoomIdType: roomIdType, AgentConfig: agent, STTConfig: stt };
}

const isState =
  (state: number) =>
  ({ data }: HeardMessage) =>
    data.type === STATE && asObject(data.payload)?.state === state;

const after = (fromUs: number, matches: (message: HeardMessage) => boolean) => (message: HeardMessage) =>
  message.atUs >= fromUs && matches(message);

/** The last subtitle of each round, whole ones before others. */
function subtitles(messages: readonly HeardMessage[]): string {
  const rounds = new Map<string, { text: string; isEnd: boolean }[]>();
  for (const { data } of messages) {
    const payload = asObject(data.payload);
    if (data.type !== SUBTITLE || payload === null) continue;
    const round = String(payload.roundid);
    rounds.set(round, [...(rounds.get(round) ?? []), { text: String(payload.text), isEnd: payload.end === true }]);
  }
  return [...rounds.values()]
    .map((told) => {
      const whole = told.filter(({ isEnd }) => isEnd);
      return whole.length > 0 ? whole.map(({ text }) => text).join('') : (told.at(-1)?.text ?? '');
    })
    .join(' ');
}

function pause(ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.at((clock.nowUs() + ms * 1000) as ReturnType<Clock['nowUs']>, resolve));
}
