import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import type { AgentResources, ConversationPeer } from '../conversation.ts';
import type { LlmEngine, LlmImage, LlmMessage, LlmRequest } from '../engines/llm/engine.ts';
import { withinContext } from './context.ts';
import { History, Round } from './history.ts';
import { Memory } from './memory.ts';
import type { AgentTelling } from './telling.ts';
import { fillTemplate, hasPlaces } from './template.ts';
import { ToolBox } from './toolbox.ts';
import { type RunTool, type Tool, ToolRunner } from './tools.ts';
import { builtInVariables } from './variables.ts';

export interface AgentDeps {
  clock: Clock;
  conversationId: string;
  device: { productId: string; deviceName: string };
  language: 'zh' | 'en';
  /** Live; read when a round begins, for the whole of it. */
  settings: () => ConversationSettings;
  /** `${name}` values of the connection. */
  variables: Readonly<Record<string, string>>;
  peer: Pick<ConversationPeer, 'tools' | 'callTool' | 'tell'>;
  /** For what the agent asks in the background: summaries. */
  llm: () => LlmEngine;
  /** Without them nothing is remembered and no secret is known. */
  resources?: AgentResources;
  telling: AgentTelling;
  /** The conversation's: tools that act on the board outlive the turn that called them. */
  signal: AbortSignal;
  /** The bench is closing: what is to be remembered has half a second left. */
  quitting?: AbortSignal;
  /** A reminder is due: says it at the next quiet moment, as a turn of the agent's own. Without it the agent has no reminders. */
  onDue?: (text: string) => void;
  fetch?: typeof fetch;
  /** The lab's, for `${date}` and `${time}`; the machine's own when it is left out. */
  timeZone?: string;
}

/** What goes to the language model besides the model's name, the language and the request id. */
export type AgentRequest = Pick<LlmRequest, 'messages' | 'tools' | 'temperature' | 'topP' | 'maxTokens' | 'metaInfo'>;

/** Whom the board talks with: prompt, history, tools and memory of one conversation. It decides nothing about turns. */
export interface Agent {
  /** Empty: the agent does not speak first. */
  greeting(): string;
  /** What is said when nobody has spoken, at reminder `retry` (from 1); empty: nothing. */
  idleText(retry: number): string;
  /** A new round at the history's end. `userText` empty: the agent speaks of its own accord. */
  begin(userText: string, images?: readonly LlmImage[]): Round;
  /** A round that is not in the history, for an answer that may be thrown away; `commit` puts it there. */
  draft(userText: string, images?: readonly LlmImage[]): Round;
  commit(round: Round): void;
  /**
   * The next request of a round, begun or draft: the rounds before it, then what it has so far. Called again for each step; settings and
   * the system prompt are those of the round's beginning.
   */
  request(turn: { round: Round }): AgentRequest;
  /** Runs what the last request's answer calls. Give it the turn's signal: tools that only read end with an interruption. */
  runTool(turnId: number): RunTool;
  hasTool(name: string): boolean;
  /** Nothing more will be said in it; a summary may begin in the background. */
  roundEnded(round: Round): void;
  /** The conversation is over: remembers what is to be remembered, for which it asks the language model at most 10 s. Never rejects. */
  close(): Promise<void>;
}

/** What a round is asked with, as it stood at its beginning. */
interface Frame {
  settings: ConversationSettings;
  preamble: readonly LlmMessage[];
}

export function createAgent(deps: AgentDeps): Agent {
  const { clock, device, language, telling, signal } = deps;
  const history = new History();
  const memory = new Memory({ ...deps, history });
  const toolBox = new ToolBox(deps);
  const frames = new WeakMap<Round, Frame>();
  const noted = new Set<string>();
  let tools: ReadonlyMap<string, Tool> = new Map();

  const runner = new ToolRunner({
    clock,
    signal,
    find: (name) => tools.get(name),
    onCall: (turnId, call) => telling.event({ kind: 'tool.call', turnId, callId: call.id, name: call.name, arguments: call.arguments }),
    onResult: (turnId, { call, isOk, result, elapsedUs }) =>
      telling.event({ kind: 'tool.result', turnId, callId: call.id, name: call.name, isOk, result, elapsedUs }),
  });

  function filled(template: string): string {
    // The request to the model waits for it, and writing dates is most of what it takes.
    if (!hasPlaces(template)) return template.trim();
    const { timeZone } = deps;
    const builtIn = builtInVariables({ device, language, wallMs: clock.wallMs(), ...(timeZone !== undefined && { timeZone }) });
    const noteUnknown = (name: string) => {
      if (noted.has(name)) return;
      noted.add(name);
      telling.event({ kind: 'agent.note', note: 'unknown-variable', data: { name } });
    };
    return fillTemplate(template, { ...builtIn, ...deps.variables }, noteUnknown).trim();
  }

  function frameOf(round: Round): Frame {
    const known = frames.get(round);
    if (known) return known;
    const settings = deps.settings();
    const content = [filled(settings.agent.systemPrompt), memory.text()].filter((part) => part !== '').join('\n\n');
    const frame: Frame = { settings, preamble: content === '' ? [] : [{ role: 'system', content }] };
    frames.set(round, frame);
    return frame;
  }

  function draft(userText: string, images?: readonly LlmImage[]): Round {
    const round = new Round(userText, images);
    frameOf(round);
    return round;
  }

  return {
    greeting() {
      const { greetingZh, greetingEn } = deps.settings().agent;
      return filled(language === 'zh' ? greetingZh : greetingEn);
    },
    idleText(retry) {
      const message = deps.settings().conversation.idleMessages.find((candidate) => candidate.retry === retry);
      return filled(message?.[language] ?? '');
    },
    begin(userText, images) {
      const round = draft(userText, images);
      history.commit(round);
      return round;
    },
    draft,
    commit: (round) => history.commit(round),
    request({ round }) {
      const { settings, preamble } = frameOf(round);
      const { temperature, topP, maxTokens, metaInfo, historyRounds, maxContextTokens } = settings.agent;
      tools = toolBox.tools(settings.agent);
      const definitions = [...tools.values()].map(({ definition }) => definition);
      const current = round.messages();
      const earlier = history.before(round, historyRounds);
      const fitting = withinContext({ limit: maxContextTokens, preamble, tools: definitions, earlier, current });
      const leftOut = earlier.length - fitting.length;
      if (leftOut > 0) telling.event({ kind: 'agent.note', note: 'rounds-left-out', data: { count: leftOut } });
      return {
        messages: [...preamble, ...fitting.flat(), ...current],
        tools: definitions,
        ...(temperature !== null && { temperature }),
        ...(topP !== null && { topP }),
        ...(maxTokens > 0 && { maxTokens }),
        ...(Object.keys(metaInfo).length > 0 && { metaInfo }),
      };
    },
    runTool: (turnId) => runner.forTurn(turnId),
    hasTool: (name) => toolBox.tools(deps.settings().agent).has(name),
    roundEnded: (round) => memory.roundEnded(round),
    close: () => memory.close(),
  };
}
