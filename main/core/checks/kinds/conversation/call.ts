import { audibleSpan } from '../../../../../pipeline/audio/levels.ts';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import type { CallRecord } from '../../../../../preload/contract/cloud/twetalk.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import type { Measurement } from '../../check.ts';
import { markerTones } from './marker.ts';
import { milliseconds } from './numbers.ts';
import { scriptedTurns } from './phrases.ts';
import { heardBetween } from './turn.ts';

/** What the other end says, and until it has come through. */
export const MARKER_TIMES = 2;
const MARKER_MS = 3500;
/** What was said into the board, until it has come out at the other end. */
const LINE_MS = 1500;
const LEAST_SPEECH_SAMPLES = 3200;
const AFTERWARDS_MS = 8000;
const TONES = 3;

type CallEvent = Extract<PipelineEvent, { kind: 'device.call' }>;

export interface Talk {
  values: Record<string, Measurement>;
  evidence: CheckEvidence[];
  /** Nothing could tell whether the sound came through, and nobody said so. */
  isUntold: boolean;
}

/** A call that both are in: what each hears of the other, and how it ends. */
export async function talkAndHangUp(
  bench: Bench,
  device: BoardDevice,
  { callId }: Pick<CallRecord, 'callId'>,
  language: 'zh' | 'en',
): Promise<Talk> {
  const evidence: CheckEvidence[] = [];
  const values: Record<string, Measurement> = {};
  const talkingUs = bench.clock.nowUs();
  let isUntold = false;
  // One after the other: what the board plays may come back through its microphone.
  await bench.sleep(MARKER_MS);
  const heard = await heardBetween(bench, talkingUs, bench.clock.nowUs());
  if (heard !== null) {
    values.isHeardAtBoard = markerTones(heard.pcm) >= TONES - 1;
    evidence.push(bench.keepSound('heard', heard.pcm));
  }
  const before = (await device.heardInCall(callId)).length;
  const said = bench.voice.speaker === 'none' ? null : await bench.voice.say(scriptedTurns[language][3]?.say ?? '');
  if (said !== null) {
    await bench.sleep(LINE_MS);
    const pcm = (await device.heardInCall(callId)).subarray(before);
    const span = audibleSpan(pcm, { sampleRate: 16_000 });
    values.isHeardAtPhone = span !== undefined && span.end - span.start >= LEAST_SPEECH_SAMPLES;
    evidence.push(bench.keepSound('uplink', pcm));
  }
  if (heard === null || said === null) {
    const answer = await bench.ask({ ask: 'heard-call', data: {}, kind: 'judge' });
    if (answer === 'yes' || answer === 'no') {
      values.isHeardAtBoard ??= answer === 'yes';
      values.isHeardAtPhone ??= answer === 'yes';
    } else isUntold = true;
  }
  Object.assign(values, await hangUp(bench, device, callId));
  return { values, evidence, isUntold };
}

/** The other end hangs up; the agent has the line again, and says so. */
async function hangUp(bench: Bench, device: BoardDevice, callId: string): Promise<Record<string, Measurement>> {
  const sinceUs = bench.clock.nowUs();
  const isStillOn = device.calls().some((call) => call.callId === callId && call.state === 'talking');
  // Gone already: the board or its connection ended it.
  if (!isStillOn) return { isEndedCleanly: false };
  const ended = await device.endCall(callId);
  const again = await device.until('downlink.first-frame', { sinceUs, timeoutMs: AFTERWARDS_MS });
  return {
    isEndedCleanly: ended.end === 'hung-up-by-user' && device.conversationId() !== null,
    ...(again === null ? {} : { agentBackMs: milliseconds(again.atUs - sinceUs) }),
  };
}

/** Waits until that call is in that state, or over. Null: neither. */
export function untilCall(device: BoardDevice, callId: string, state: CallEvent['state'], waiting: { sinceUs: number; timeoutMs: number }) {
  return device.until('device.call', {
    ...waiting,
    accept: (event) => event.callId === callId && (event.state === state || event.state === 'ended'),
  });
}
