import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { SimulatedTurn } from '../../../../preload/contract/replay.ts';
import { eventsByTurn, turnsOf } from '../../analysis/turns.ts';
import type { Marks } from './marks.ts';
import { shownText } from './placeholder.ts';

type EventOf<Kind extends PipelineEvent['kind']> = Extract<PipelineEvent, { kind: Kind }>;

/** The turns of a conversation, recorded or simulated alike, from its events. */
export function simulatedTurns(events: readonly PipelineEvent[], marks?: Marks): SimulatedTurn[] {
  const byTurn = eventsByTurn(events);
  return turnsOf(events).map((turn): SimulatedTurn => {
    const own = byTurn.get(turn.turnId) ?? [];
    const { breakdown } = turn;
    const committed = find(own, 'turn.committed');
    const stretches = turn.initiator === 'user-speech' ? ownStretches(own, turn.startedUs) : [];
    const decided = find(own, 'interruption.decided');
    return {
      turnId: turn.turnId,
      initiator: turn.initiator,
      outcome: turn.outcome,
      speechStartMs: milliseconds(stretches[0]?.startUs),
      speechEndMs: milliseconds(stretches.at(-1)?.endUs),
      committedMs: milliseconds(committed?.atUs),
      reason: committed?.reason ?? null,
      userText: turn.userText,
      replyText: shownText(turn.replyText),
      heardText: shownText(turn.heardText),
      firstFrameMs: milliseconds(find(own, 'downlink.first-frame')?.atUs),
      audibleMs: milliseconds(find(own, 'downlink.audible')?.atUs),
      v2vMs: breakdown.totalUs === null ? null : breakdown.totalUs / 1000,
      parts: Object.fromEntries(breakdown.parts.map(({ key, durationUs }) => [key, durationUs / 1000])),
      interruption: decided?.reason ?? null,
      falseInterruptions: own.filter(({ kind }) => kind === 'interruption.false').length,
      modelled: marks?.of(turn.turnId) ?? [],
    };

    function milliseconds(us: number | undefined): number | null {
      return us === undefined ? null : us / 1000;
    }
  });

  /**
   * The stretches of speech that are the turn's. Speech into a reply bears the number of the turn that it may become; where it came to
   * nothing, the next turn has that number.
   */
  function ownStretches(own: readonly PipelineEvent[], startedUs: number): { startUs: number; endUs: number }[] {
    const committedUs = find(own, 'turn.committed')?.atUs ?? Number.POSITIVE_INFINITY;
    const dismissedUs = events
      .filter((event): event is EventOf<'interruption.false'> => event.kind === 'interruption.false' && event.atUs < startedUs)
      .map(({ atUs }) => atUs as number);
    const decidedUs = events.findLast((event) => event.kind === 'interruption.decided' && event.atUs <= startedUs)?.atUs ?? 0;
    const starts = own.filter((event): event is EventOf<'user.speech-started'> => event.kind === 'user.speech-started');
    const ends = own.filter((event): event is EventOf<'user.speech-ended'> => event.kind === 'user.speech-ended');
    const stretches = starts.flatMap((start, index) => {
      const next = starts[index + 1]?.atUs ?? Number.POSITIVE_INFINITY;
      const end = ends.find(({ atUs }) => atUs >= start.atUs && atUs < next);
      const isDismissed = dismissedUs.some((atUs) => atUs >= start.atUs && decidedUs < atUs);
      return start.atUs > committedUs || isDismissed ? [] : { startUs: start.atUs, endUs: end?.atUs ?? start.atUs };
    });
    return stretches;
  }
}

function find<Kind extends PipelineEvent['kind']>(events: readonly PipelineEvent[], kind: Kind): EventOf<Kind> | undefined {
  return events.find((event): event is EventOf<Kind> => event.kind === kind);
}
