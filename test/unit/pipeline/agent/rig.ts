import { type Agent, type AgentDeps, createAgent } from '../../../../pipeline/agent/agent.ts';
import { createTelling } from '../../../../pipeline/turn/telling.ts';
import type { PipelineEvent, PipelineEventKind } from '../../../../preload/contract/events.ts';
import { settingsSchema } from '../../../../preload/contract/settings.ts';
import { FakeLlm, type FakeReply } from '../../../fakes/engines.ts';
import { FakePeer, type ToolBehaviour } from '../../../fakes/peer.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

export interface AgentRig {
  agent: Agent;
  clock: VirtualClock;
  peer: FakePeer;
  llm: FakeLlm;
  events: PipelineEvent[];
  /** Ends the conversation. */
  session: AbortController;
  of<Kind extends PipelineEventKind>(kind: Kind): Extract<PipelineEvent, { kind: Kind }>[];
  /** Other settings from now on. */
  set(settings: Parameters<typeof settingsSchema.parse>[0]): void;
  /** A whole round: what the user said, and an answer that was heard. */
  talk(userText: string, answer: string): void;
  texts(userText: string): string[];
}

export function createAgentRig(
  options: {
    settings?: Parameters<typeof settingsSchema.parse>[0];
    tools?: Record<string, ToolBehaviour>;
    replies?: readonly FakeReply[];
    deps?: Partial<AgentDeps>;
  } = {},
): AgentRig {
  const clock = new VirtualClock(5_000_000);
  const peer = new FakePeer(clock, options.tools ? { tools: options.tools } : {});
  const llm = new FakeLlm(clock, options.replies);
  const events: PipelineEvent[] = [];
  const session = new AbortController();
  let settings = settingsSchema.parse(options.settings ?? {});
  const agent = createAgent({
    clock,
    conversationId: 'c1',
    device: { productId: 'PRODUCT', deviceName: 'dev_1' },
    language: 'en',
    settings: () => settings,
    variables: {},
    peer,
    llm: () => llm,
    telling: createTelling({ clock, observer: { event: (event) => events.push(event), packet: () => {} }, peer, conversationId: 'c1' }),
    signal: session.signal,
    timeZone: 'Asia/Shanghai',
    ...options.deps,
  });
  return {
    agent,
    clock,
    peer,
    llm,
    events,
    session,
    of: <Kind extends PipelineEventKind>(kind: Kind) =>
      events.filter((event): event is Extract<PipelineEvent, { kind: Kind }> => event.kind === kind),
    set: (next) => {
      settings = settingsSchema.parse(next);
    },
    talk(userText, answer) {
      const round = agent.begin(userText);
      round.steps.push({ text: answer, toolAnswers: [] });
      agent.roundEnded(round);
    },
    texts: (userText) => agent.request({ round: agent.draft(userText) }).messages.map(({ content }) => content),
  };
}
