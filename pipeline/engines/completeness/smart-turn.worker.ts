import { workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { serveFrames } from '../../threads/frame-threads.ts';
import { type ScoringSession, score } from './score.ts';

let loading: Promise<ScoringSession> | undefined;

async function load(): Promise<ScoringSession> {
  const session = await InferenceSession.create((workerData as { model: string }).model, {
    executionProviders: ['cpu'],
    // It shares the machine with conversations.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const tensors = Object.entries(feeds).map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)]);
      return (await session.run(Object.fromEntries(tensors))) as Awaited<ReturnType<ScoringSession['run']>>;
    },
  };
}

serveFrames<object, number>({
  open: () => ({}),
  async process(batch) {
    loading ??= load();
    const session = await loading;
    const scores: number[] = [];
    for (const { frame } of batch) scores.push(await score(session, frame));
    return scores;
  },
  reset: () => undefined,
  close: () => undefined,
});
