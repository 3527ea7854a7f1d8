import { encodeWav } from '../../../../../pipeline/audio/wav.ts';
import type { CallReply } from '../../../../../preload/contract/index.ts';
import { rounded } from '../../audio/decibels.ts';
import type { Measures } from '../../audio/measures.ts';
import { judgeValues } from '../../runner/judge.ts';
import { frameFigures, frameValues } from './frames.ts';
import { levelFigures, levelValues } from './level.ts';
import { spectrumFigures, spectrumValues } from './spectrum.ts';

export type OpusFileReport = CallReply<'checks.opusFile'>;

const RATE = 16_000;

/**
 * A recorded `record.opus` (seed 000, 设备适配性检查 2) measured as a board's uplink is, by the same limits. Nobody knows what was said in it: its
 * spectrum is held against average speech. Rejects with TalkError 'check/bad-opus' {reason}, 'engine/unavailable' where Opus cannot run.
 */
export async function measureOpusFile(data: Uint8Array, measures: Measures): Promise<OpusFileReport> {
  const { file, facts, undecodable, level, spectrum, pcm } = await measures.opusFileFacts(data);
  const specs = [
    { name: 'shape' },
    { name: 'durationS', unit: 's' as const },
    { name: 'leftBytes', unit: 'bytes' as const },
    ...frameValues,
    ...levelValues,
    ...spectrumValues,
  ];
  const measured = {
    shape: file.isCut ? `${file.shape} …` : file.shape,
    durationS: rounded(pcm.length / RATE, 2),
    leftBytes: file.leftBytes,
    ...frameFigures(facts, undecodable),
    ...levelFigures(level),
    dcOffsetPercent: null,
    ...spectrumFigures(spectrum),
  };
  // A constant size is what TWeTalk's boards send; whoever records to Ogg need not.
  const limits = file.container === 'ogg' ? { isCbr: null } : {};
  return { container: file.container, values: judgeValues(specs, limits, measured), wav: encodeWav({ sampleRate: RATE, channels: [pcm] }) };
}
