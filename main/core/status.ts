import type { CoreStatus, ListenerState } from '../../preload/contract/core.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import type { Clock } from '../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from './endpoint/handlers.ts';
import { Topic } from './endpoint/topic.ts';
import type { Recorder } from './sessions/recorder.ts';
import type { Store } from './store/store.ts';

export interface Status {
  current(): CoreStatus;
  /** Counts what the pipeline says it lost. */
  observe(event: PipelineEvent): void;
  setListeners(listeners: readonly ListenerState[]): void;
  calls: Pick<CallHandlers, 'core.status'>;
  streams: Pick<StreamHandlers, 'core.status'>;
  stopped(): void;
}

/** What the frame of the app shows all the time: is the core well, what listens, what is recorded, what was lost. */
export function createStatus(deps: { clock: Clock; store: Store; recorder: Recorder; appVersion: string; dataDirectory: string }): Status {
  const { clock, store, recorder } = deps;
  const anchor = { wallMs: clock.wallMs(), monoUs: clock.nowUs() };
  let listeners: ListenerState[] = [];
  let pipelineDropped = 0;
  let isStopped = false;
  const topic = new Topic<CoreStatus, CoreStatus>({ snapshot: current });

  function state(): CoreStatus['state'] {
    if (isStopped) return 'stopped';
    const isHurt = store.status.problem !== null || listeners.some((listener) => listener.state === 'failed');
    return isHurt ? 'degraded' : 'ready';
  }

  function current(): CoreStatus {
    return {
      state: state(),
      appVersion: deps.appVersion,
      dataDirectory: deps.dataDirectory,
      listeners,
      recordingSessionId: recorder.session?.id ?? null,
      recoveredSessionIds: [...store.recoveredSessionIds],
      problem: store.status.problem,
      droppedCount: store.status.droppedCount + pipelineDropped,
      anchor,
    };
  }

  const publish = () => topic.publish(current());
  recorder.onChange(publish);
  store.onStatus(publish);

  return {
    current,
    observe(event) {
      if (event.kind !== 'dropped') return;
      pipelineDropped += event.count;
      publish();
    },
    setListeners(next) {
      listeners = [...next];
      publish();
    },
    calls: { 'core.status': async () => current() },
    streams: { 'core.status': () => ({ topic }) },
    stopped() {
      isStopped = true;
      publish();
    },
  };
}
