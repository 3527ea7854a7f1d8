import { decodeWav } from '../../../pipeline/audio/wav.ts';
import type { RecordingAnalysis } from '../../../preload/contract/latency.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { summaryOf } from './percentiles.ts';
import { millisecondPowers, soundSpans } from './sound-spans.ts';
import { soundOverlaps, soundTurns, utterancesOf } from './turn-taking.ts';

/**
 * The latency of any product from a stereo recording of it, one speaker a channel (reference/voice.md §2.4): the user's end to the
 * agent's beginning, as heard. Throws TalkError 'audio/bad-wav', 'latency/not-stereo' {channels}.
 */
export function analyseRecording(wav: Uint8Array, options: { user: 'left' | 'right' }): RecordingAnalysis {
  const { sampleRate, channels } = decodeWav(wav);
  const [left, right] = channels;
  if (channels.length !== 2 || left === undefined || right === undefined)
    throw new TalkError('latency/not-stereo', { channels: channels.length });
  const sounds = [left, right].map((channel) => soundSpans(millisecondPowers(channel, sampleRate)));
  const [userSound, agentSound] = options.user === 'left' ? sounds : sounds.toReversed();
  if (userSound === undefined || agentSound === undefined) throw new Error('two channels have two sounds');
  const { user, agent } = utterancesOf({ user: userSound.spans, agent: agentSound.spans });
  const turns = soundTurns(user, agent);
  const overlaps = soundOverlaps(user, agent);
  const gaps = turns.flatMap(({ gapMs }) => gapMs ?? []);
  const stops = overlaps.flatMap(({ stopMs }) => stopMs ?? []);
  const unanswered = turns.length - gaps.length;
  return {
    durationMs: (left.length * 1000) / sampleRate,
    sampleRate,
    thresholdDb: { user: userSound.thresholdDb, agent: agentSound.thresholdDb },
    turns,
    overlaps,
    unanswered,
    statistics: [
      { metric: 'gap', ...summaryOf({ sorted: Float64Array.from(gaps).sort(), censored: unanswered }) },
      // Words that the agent talked on through may have been a "yes" and no interruption: nobody can tell from sound alone.
      { metric: 'stop', ...summaryOf({ sorted: Float64Array.from(stops).sort(), censored: 0 }) },
    ],
  };
}
