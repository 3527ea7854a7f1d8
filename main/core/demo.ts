import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import type { DemoProgress } from '../../preload/contract/boards.ts';
import type { PipelineEvent, PipelineEventKind } from '../../preload/contract/events.ts';
import { portOptions } from '../../preload/contract/ports.ts';
import { isTalkError, TalkError } from '../../preload/contract/talk-error.ts';
import type { Conversations } from './conversations/conversations.ts';
import type { Ports } from './devices/ports.ts';
import type { VirtualBoards } from './devices/virtual-boards.ts';
import type { CallHandlers, StreamHandlers } from './endpoint/handlers.ts';
import { Topic } from './endpoint/topic.ts';
import type { FlashJobs } from './flash/jobs.ts';
import type { Recorder } from './sessions/recorder.ts';

export interface DemoDeps {
  boards: VirtualBoards;
  ports: Ports;
  flash: FlashJobs;
  recorder: Recorder;
  conversations: Conversations;
  /** Engines loaded: what is shown should be what they do, not how they start. */
  warmUp: () => Promise<void>;
}

type Step = DemoProgress['step'];
type EventOf<Kind extends PipelineEventKind> = Extract<PipelineEvent, { kind: Kind }>;

const BOARD = 'first-board';
const questions = { zh: '现在几点', en: 'what time is it' } as const;
/** No step of the demo takes longer; one that does has failed. */
const STEP_TIMEOUT_MS = 60_000;
/** From the question's first word to the decision that it was one. */
const HEARD_TIMEOUT_MS = 10_000;
const ATTEMPTS = 3;
/** Not understood, or not in time: what a busy machine does. */
const busy = ['timeout', 'talk/no-reply', 'engine/timeout'] as const;

/**
 * "Try with a virtual board": the whole thread as a user would go through it by hand, through the same services: a blank board
 * is flashed, boots, connects, is asked a question and answers, and the session is kept.
 */
export function createDemo(deps: DemoDeps): { calls: Pick<CallHandlers, 'demo.run'>; streams: Pick<StreamHandlers, 'demo.progress'> } {
  const { boards, ports, recorder } = deps;
  const idle: DemoProgress = { step: 'idle', sessionId: null, progress: 0, error: null };
  let progress = idle;
  let running: Promise<{ sessionId: string }> | null = null;
  const topic = new Topic<DemoProgress, DemoProgress>({ snapshot: () => progress });

  function publish(next: DemoProgress): void {
    progress = next;
    topic.publish(next);
  }

  async function thread(sessionId: string, language: 'zh' | 'en'): Promise<void> {
    const context = { signal: AbortSignal.timeout(4 * STEP_TIMEOUT_MS), role: 'operator' as const };
    const step = (name: Step, fraction = 0) => publish({ step: name, sessionId, progress: fraction, error: null });
    using events = listenTo(deps.conversations);
    const address = `virtual://${BOARD}`;

    step('start');
    if (boards.list().some((board) => board.name === BOARD)) await boards.stop(BOARD);
    await boards.start({ name: BOARD, firmware: 'blank', language, audioType: 'opus', audioInterval: 60 });
    try {
      await ports.handlers['ports.open']({ address, options: portOptions.parse({}) }, context);

      step('flash');
      const files = buildDemoImages().files.map(({ offset, name, data }) => ({ offset, name, source: { data } }));
      await deps.flash.run({ address, files, options: {} }, (fraction) => step('flash', fraction));

      step('boot');
      await untilRunning(boards);
      step('connect');
      const { conversationId } = await events.next('conversation.opened', (event) => event.deviceName === BOARD);
      step('greeting');
      await events.next('turn.ended', (event) => event.conversationId === conversationId);

      await deps.warmUp();
      const ofOurs = (event: { conversationId: string }) => event.conversationId === conversationId;
      for (let attempt = 1; ; attempt++) {
        step('ask');
        await boards.calls['boards.speak']({ name: BOARD, source: { kind: 'text', text: questions[language], language } }, context);
        try {
          await events.next('turn.committed', ofOurs, HEARD_TIMEOUT_MS);
          step('answer');
          const { outcome } = await events.next('turn.ended', ofOurs);
          if (outcome === 'completed') break;
          throw new TalkError('talk/no-reply', { outcome });
        } catch (error) {
          // Asked again, as a person would.
          if (attempt === ATTEMPTS || !busy.some((code) => isTalkError(error, code))) throw error;
        }
      }
    } finally {
      await boards.stop(BOARD).catch(() => {}); // it may not have come up
      await recorder.stop();
    }
    step('saved', 1);
  }

  async function run(language: 'zh' | 'en'): Promise<{ sessionId: string }> {
    await recorder.stop();
    const { id } = recorder.ensureSession(language === 'zh' ? '虚拟开发板试用' : 'Virtual board, first try');
    try {
      await thread(id, language);
      return { sessionId: id };
    } catch (error) {
      if (error instanceof TalkError) publish({ step: 'failed', sessionId: id, progress: 0, error: error.value });
      else publish({ ...idle, step: 'failed', sessionId: id });
      throw error;
    }
  }

  return {
    calls: {
      // One at a time: whoever asks while it runs gets the same run.
      'demo.run': ({ language }) => {
        running ??= run(language).finally(() => {
          running = null;
        });
        return running;
      },
    },
    streams: { 'demo.progress': () => ({ topic }) },
  };
}

function untilRunning(boards: VirtualBoards): Promise<void> {
  return within('boot', (resolve) => {
    const look = () => boards.list().some((board) => board.name === BOARD && board.state === 'running') && resolve();
    const stop = boards.streams['boards.state']({}).topic.listen(look);
    look();
    return stop;
  });
}

/** Events from now on, kept until they are asked for, so that none falls between two waits. */
function listenTo(conversations: Conversations): Disposable & {
  next<Kind extends PipelineEventKind>(kind: Kind, accepts: (event: EventOf<Kind>) => boolean, timeoutMs?: number): Promise<EventOf<Kind>>;
} {
  const pending: PipelineEvent[] = [];
  let look = () => {};
  const stop = conversations.streams['pipeline.events']({ includeWire: false }).topic.listen((event) => {
    pending.push(event);
    look();
  });
  return {
    next: (kind, accepts, timeoutMs) =>
      within(
        kind,
        (resolve, reject) => {
          look = () => {
            for (let event = pending.shift(); event !== undefined; event = pending.shift()) {
              // One without a turn is a complaint (an engine that lags), not a failure.
              if (event.kind === 'engine.error' && event.turnId !== undefined)
                return reject(new TalkError(event.error.code, event.error.data));
              if (event.kind === kind && accepts(event as EventOf<typeof kind>)) return resolve(event as EventOf<typeof kind>);
            }
          };
          look();
          return () => {
            look = () => {};
          };
        },
        timeoutMs,
      ),
    [Symbol.dispose]: stop,
  };
}

/** A wait that gives up with 'timeout' and cleans up after itself either way. */
function within<Value = void>(
  operation: string,
  begin: (resolve: (value: Value) => void, reject: (error: TalkError) => void) => () => void,
  timeoutMs = STEP_TIMEOUT_MS,
): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new TalkError('timeout', { operation, timeoutMs }))), timeoutMs);
    let stop: (() => void) | null = null;
    let isSettled = false;
    function settle(finish: () => void): void {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      stop?.();
      finish();
    }
    stop = begin(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
    if (isSettled) stop();
  });
}
