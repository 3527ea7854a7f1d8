import type { Resimulation, SimulatedTurn } from '../../../../preload/contract/replay.ts';
import { type BreakdownPart, breakdownPart, type TurnRecord } from '../../../../preload/contract/sessions.ts';
import type { SessionFacts } from '../expectations/facts.ts';

/** Whose time a part is. */
export const partOwners: Readonly<Record<BreakdownPart['key'], BreakdownPart['owner']>> = {
  vad_silence: 'setting',
  asr_final_wait: 'engine',
  eou_wait: 'setting',
  llm_ttft: 'engine',
  text_agg: 'pipeline',
  tts_ttfb: 'engine',
  send_wait: 'pipeline',
  transport_device: 'device',
  tts_lead_silence: 'engine',
};

/**
 * The recording's facts with the turns that a simulation reckons instead of its own. A turn that stands for exactly one recorded keeps
 * that one's tool calls; a simulation knows of no others.
 */
export function simulatedFacts(recorded: SessionFacts, { conversations }: Resimulation): SessionFacts {
  const turns = conversations.flatMap(({ conversationId, pairs }) => {
    const own = recorded.turns.filter((turn) => turn.conversationId === conversationId);
    return pairs.flatMap(({ before, after }) => {
      const only = before.length === 1 && after.length === 1 ? own.find(({ turnId }) => turnId === before[0]?.turnId) : undefined;
      return after.map((turn) => ({ ...recordOf(turn, conversationId), toolCalls: only?.toolCalls ?? [] }));
    });
  });
  turns.sort((one, other) => one.startedUs - other.startedUs);
  return { ...recorded, turns, events: [], rows: new Map(), isSimulated: true };
}

function recordOf(turn: SimulatedTurn, conversationId: string): TurnRecord {
  const us = (ms: number) => Math.round(ms * 1000);
  const usOrNull = (ms: number | null) => (ms === null ? null : us(ms));
  const startUs = us(turn.speechStartMs ?? turn.committedMs ?? turn.firstFrameMs ?? 0);
  let fromUs = us(turn.speechEndMs ?? turn.committedMs ?? 0);
  const parts = breakdownPart.shape.key.options.flatMap((key) => {
    const ms = turn.parts[key];
    if (ms === undefined) return [];
    const part = { key, owner: partOwners[key], fromUs, toUs: fromUs + us(ms), durationUs: us(ms) };
    fromUs = part.toUs;
    return [part];
  });
  const { speechEndMs, firstFrameMs } = turn;
  return {
    ...{ conversationId, turnId: turn.turnId, initiator: turn.initiator, outcome: turn.outcome },
    ...{ startedUs: startUs, endedUs: null, userText: turn.userText, replyText: turn.replyText, heardText: turn.heardText },
    toolCalls: [],
    breakdown: {
      totalUs: usOrNull(turn.v2vMs),
      serverUs: speechEndMs === null || firstFrameMs === null ? null : us(firstFrameMs - speechEndMs),
      audibleSource: null,
      parts,
      missing: [],
      preemptGainUs: null,
      product: {
        ...{ asr_latency: null, llm_network_latency: null, llm_first_token: null, tts_network_latency: null },
        ...{ tts_first_frame_latency: null, tts_discontinuity: null, interruption: null },
      },
      interruption: turn.interruption === null ? null : { stopUs: null, detectUs: null, serverStopUs: null, residualUs: null },
    },
  };
}
