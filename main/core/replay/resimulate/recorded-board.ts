import { sleepUntil } from '../../../../pipeline/clock.ts';
import type { Conversation, ConversationPeer } from '../../../../pipeline/conversation.ts';
import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import { TalkError, type TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { RecordedPlayout, RecordedTool } from './recorded.ts';
import type { Typical } from './typical.ts';

export interface RecordedBoardOptions {
  clock: Clock;
  tools: readonly RecordedTool[];
  playouts: readonly RecordedPlayout[];
  typical: Typical;
  conversation: () => Conversation | undefined;
  /** The recorded turn that a turn of this run answers as. */
  recordedTurn(turnId: number): number | undefined;
  onModelledTool(): void;
}

export interface RecordedBoard extends ConversationPeer {
  hear(event: PipelineEvent): void;
}

/** The far end: takes everything, answers tool calls as they were answered, and reports what it plays as late as it reported then. */
export function createRecordedBoard(options: RecordedBoardOptions): RecordedBoard {
  const { clock, tools, playouts, typical } = options;
  const names = [...new Set(tools.map(({ name }) => name))];
  const source = playouts[0]?.source;
  const pending = new Map<number, () => void>();

  /** Reports `afterUs` from now; where it is not known of this turn, as late as usual. Never, where the board never did. */
  function report(kind: 'audible' | 'silent', turnId: number): void {
    const recordedTurn = options.recordedTurn(turnId);
    const own = playouts.find((each) => each.turnId === recordedTurn);
    const afterUs = kind === 'audible' ? (own?.audibleAfterUs ?? typical.audibleUs) : (own?.silentAfterUs ?? typical.silentUs);
    if (afterUs === null || source === undefined) return;
    const atUs = (clock.nowUs() + Math.round(afterUs)) as MonoUs;
    const cancel = clock.at(atUs, () => options.conversation()?.playout({ kind, atUs, source }));
    if (kind === 'audible') pending.set(turnId, cancel);
  }

  return {
    sendAudio() {},
    bufferedBytes: () => 0,
    tell() {},
    tools: () => names.map((name) => ({ name, description: name, parameters: { type: 'object' } })),
    async callTool(name, parameters, signal) {
      const beganUs = clock.nowUs();
      const asked = JSON.stringify(parameters);
      const distance = (tool: RecordedTool) => Math.abs(tool.atUs - beganUs);
      const same = tools.filter((tool) => tool.name === name && tool.arguments === asked);
      const [tool] = same.toSorted((one, other) => distance(one) - distance(other));
      if (tool === undefined) options.onModelledTool();
      await sleepUntil(clock, (beganUs + Math.round(tool?.elapsedUs ?? typical.toolUs)) as MonoUs, signal);
      if (tool?.isOk === false) throw TalkError.from(tool.result as TalkErrorValue);
      return tool?.result ?? {};
    },
    close() {},
    hear(event) {
      if (event.kind === 'downlink.first-frame') report('audible', event.turnId);
      else if (event.kind === 'interruption.server-stopped') report('silent', event.turnId);
      // What is cut before it was heard is never heard.
      else if (event.kind === 'turn.ended' && event.outcome === 'interrupted') pending.get(event.turnId)?.();
    },
  };
}
