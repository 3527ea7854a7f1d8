import { FRAMES, logMel, MELS } from './log-mel.ts';

/** The part of an ONNX session that is used. */
export interface ScoringSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Record<string, { data: Float32Array; dims: readonly number[] }>,
  ): Promise<Record<string, { data: ArrayLike<number | bigint> }>>;
}

/** How likely who says this has ended, 0..1: the model gives a probability, its sigmoid is part of it. */
export async function score(session: ScoringSession, pcm: Int16Array): Promise<number> {
  const { inputNames, outputNames } = session;
  const outputs = await session.run({ [inputNames[0] ?? '']: { data: logMel(pcm), dims: [1, MELS, FRAMES] } });
  const probability = Number(outputs[outputNames[0] ?? '']?.data[0]);
  if (!(probability >= 0 && probability <= 1)) throw new Error(`no probability: ${probability}`);
  return probability;
}
