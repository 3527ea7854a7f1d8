import type { Conversation, Engines } from '../../../../pipeline/conversation.ts';
import type { VadEngine } from '../../../../pipeline/engines/vad/engine.ts';
import { createStartConversation } from '../../../../pipeline/turn/start.ts';
import type { VirtualClock } from '../../../../pipeline/virtual-clock.ts';
import type { AgentLayer } from '../../../../preload/contract/agents.ts';
import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import { Marks } from './marks.ts';
import type { RecordedConversation } from './recorded.ts';
import { createRecordedBoard } from './recorded-board.ts';
import type { Input } from './recorded-inputs.ts';
import { createRecordedLlm } from './recorded-llm.ts';
import { createRecordedStt } from './recorded-stt.ts';
import { createRecordedTts } from './recorded-tts.ts';
import { simulationSettings } from './settings.ts';
import { typicalOf } from './typical.ts';

/** How long after the recording's end a reply under way is waited for. */
const LONGEST_REST_US = 60_000_000;
const STEP_US = 100_000;
/** What still ends after the close: watchdogs of stages that were aborted. */
const AFTERMATH_US = 3_000_000;
/** How often it is told how far it is, µs of the recording. */
const TOLD_EVERY_US = 2_000_000;

export interface SimulationOptions {
  recorded: RecordedConversation;
  changes: AgentLayer;
  /** Listens as the clock's own work: see `VirtualClock.during`. */
  vad: VadEngine;
  /** At the instant the conversation was opened. */
  clock: VirtualClock;
  onProgress?: (simulatedUs: number) => void;
}

export interface Simulation {
  events: PipelineEvent[];
  marks: Marks;
  /** It went on after the recording's end, until the last reply was over. */
  hasRunOn: boolean;
}

type Step = { atUs: number; pcm: Uint8Array } | Input;

/** The conversation held again by the real turn-taking, with recorded sound and recorded answers. Takes as long as the computing takes. */
export async function simulate({ recorded, changes, vad, clock, onProgress }: SimulationOptions): Promise<Simulation> {
  const { opened, conversationId, utterances, answers, sentences, tools, playouts, closedUs } = recorded;
  const events: PipelineEvent[] = [];
  const marks = new Marks();
  const typical = typicalOf(recorded);
  const settings = simulationSettings(recorded, changes);
  const stt = createRecordedStt({ clock, id: opened.engines.stt, utterances, typical, marks });
  const llm = createRecordedLlm({ clock, id: opened.engines.llm, answers, typical, marks });
  const tts = createRecordedTts({ clock, id: opened.engines.tts, sentences, typical, marks });
  let conversation: Conversation | undefined;
  let lastTurnId: number | undefined;
  const greetingTurn = recorded.events.find((event) => event.kind === 'turn.started' && event.initiator === 'greeting');
  const board = createRecordedBoard({
    ...{ clock, tools, playouts, typical },
    conversation: () => conversation,
    recordedTurn(turnId) {
      const isGreeting = events.some((event) => event.kind === 'turn.started' && event.turnId === turnId && event.initiator === 'greeting');
      return isGreeting && greetingTurn?.kind === 'turn.started' ? greetingTurn.turnId : llm.answeredBy.get(turnId);
    },
    onModelledTool: () => marks.add(lastTurnId, 'tool'),
  });
  const engines: Engines = { vad, stt, llm, tts };
  const start = createStartConversation({
    clock,
    observer: {
      event(event) {
        events.push(event);
        if (event.kind === 'tool.call') lastTurnId = event.turnId;
        for (const listener of [stt, llm, tts, board]) listener.hear(event);
      },
      packet() {},
    },
    engines: () => engines,
    // Nobody hears it: what is sent is as many packets, each of a byte.
    encoders: { open: () => ({ encode: async (frames) => frames.map(() => new Uint8Array(1)), restart() {}, close() {} }) },
  });

  conversation = start(
    {
      conversationId,
      gateway: opened.gateway,
      productId: opened.productId,
      deviceName: opened.deviceName,
      language: opened.language === 'en' ? 'en' : 'zh',
      uplink: { codec: 'pcm', sampleRate: 16_000, frameMs: frameMsOf(opened.uplink.frameMs) },
      downlink: { codec: 'opus', sampleRate: 16_000, frameMs: frameMsOf(opened.downlink.frameMs) },
      variables: {},
      query: {},
      settings: settings.current,
    },
    board,
  );
  const isClosed = () => events.at(-1)?.kind === 'conversation.closed' || events.some(({ kind }) => kind === 'conversation.closed');
  let toldUs = opened.atUs as number;
  for (const step of stepsOf(recorded)) {
    await clock.advanceTo(Math.max(step.atUs, clock.nowUs()));
    if (step.atUs - toldUs >= TOLD_EVERY_US) {
      if (isClosed()) break;
      toldUs = step.atUs;
      onProgress?.(step.atUs - opened.atUs);
    }
    take(conversation, step, settings.changed);
  }
  await clock.advanceTo(Math.max(closedUs, clock.nowUs()));
  const restUs = clock.nowUs() + LONGEST_REST_US;
  while (!recorded.isCutAtEnd && !isClosed() && conversation.state !== 'listening' && clock.nowUs() < restUs) await clock.advance(STEP_US);
  const hasRunOn = clock.nowUs() > closedUs;
  conversation.close(recorded.closeReason);
  await clock.advance(AFTERMATH_US);
  return { events, marks, hasRunOn };
}

function take(conversation: Conversation, step: Step, changed: (changes: Record<string, unknown>) => void): void {
  const atUs = step.atUs as MonoUs;
  if ('pcm' in step) conversation.uplink(step.pcm, atUs);
  else if (step.kind === 'text') conversation.text(step.text, { initiator: step.initiator, isSpoken: step.isSpoken });
  else if (step.kind === 'say') conversation.say(step.text);
  else if (step.kind === 'interrupt') conversation.interrupt(step.reason);
  else if (step.kind === 'settings') changed(step.changes);
  else conversation.listen(step.kind === 'press' ? 'start' : 'stop', atUs);
}

/** Sound and the rest in the order they came; of the same instant the rest first. */
function* stepsOf({ packets, inputs, closedUs }: RecordedConversation): Generator<Step> {
  let next = 0;
  for (const packet of packets) {
    if (packet.atUs > closedUs) break;
    for (let input = inputs[next]; input !== undefined && input.atUs <= packet.atUs; input = inputs[++next]) yield input;
    yield packet;
  }
  for (const input of inputs.slice(next)) if (input.atUs <= closedUs) yield input;
}

function frameMsOf(frameMs: number): 20 | 40 | 60 {
  return frameMs === 20 || frameMs === 40 ? frameMs : 60;
}
