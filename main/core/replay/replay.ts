import type { Recorder } from '../sessions/recorder.ts';
import type { Store } from '../store/store.ts';
import { createResimulation, type ResimulationService } from './resimulate/service.ts';

export interface ReplayDeps {
  store: Store;
  recorder: Pick<Recorder, 'session'>;
}

export interface Replay {
  calls: ResimulationService['calls'];
  streams: ResimulationService['streams'];
}

/** Recorded conversations done again, each way in a folder of its own: docs/replay.md. */
export function createReplay(deps: ReplayDeps): Replay {
  const resimulation = createResimulation(deps);
  return {
    calls: { ...resimulation.calls },
    streams: { ...resimulation.streams },
  };
}
