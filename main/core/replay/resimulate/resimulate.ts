import type { VadEngine } from '../../../../pipeline/engines/vad/engine.ts';
import { asTalkError } from '../../../../pipeline/turn/stage.ts';
import { VirtualClock } from '../../../../pipeline/virtual-clock.ts';
import type { AgentLayer } from '../../../../preload/contract/agents.ts';
import type {
  ResimulatedConversation,
  Resimulation,
  SimulatedTurn,
  SimulationNote,
  SweepPoint,
  TurnPair,
} from '../../../../preload/contract/replay.ts';
import { fidelityOf, pairsOf } from './compare.ts';
import { figuresOf } from './figures.ts';
import { soundKey } from './heard-sounds.ts';
import type { RecordedConversation } from './recorded.ts';
import { type HeardSound, type RememberedVad, rememberedVad } from './remembered-vad.ts';
import { onClockOf } from './same-speech.ts';
import { sectionsMissing, validChanges, withSetting } from './settings.ts';
import { type Simulation, simulate } from './simulate.ts';
import { simulatedTurns } from './turns.ts';

export interface ResimulationPlan {
  changes: Record<string, Record<string, unknown>>;
  sweep: { key: string; values: readonly unknown[] } | null;
}

/** A detector, and whether it is another one than was recorded. */
export interface ChosenVad {
  engine: VadEngine;
  isReplaced: boolean;
}

export interface ResimulationDeps {
  /** The detector of that name, or the one that is here in its place. Rejects with TalkError 'engine/unavailable'. */
  vad(id: string): Promise<ChosenVad>;
  /** What detectors have heard before, by `soundKey`; what they hear now is added. */
  heard: Record<string, HeardSound>;
  /** Of the whole, 0..1. */
  onProgress(fraction: number): void;
}

export interface ResimulationOutcome {
  result: Resimulation;
  /** Of all runs together. */
  simulatedMs: number;
}

/** What was simulated of one conversation under one set of settings. */
interface Run {
  turns: SimulatedTurn[];
  simulation: Simulation;
}

/**
 * Each conversation as it was recorded, under the recorded settings, under the changes, and under each value of the sweep. Compared are
 * simulations with each other, so that what the model of engines and board has wrong is on both sides; how wrong it is, is told.
 */
export async function resimulate(
  conversations: readonly RecordedConversation[],
  { changes, sweep }: ResimulationPlan,
  { vad, heard, onProgress }: ResimulationDeps,
): Promise<ResimulationOutcome> {
  const layer = validChanges(changes);
  const sweepLayers = (sweep?.values ?? []).map((value) => validChanges(withSetting(changes, sweep?.key ?? '', value)));
  const isChanged = Object.keys(layer).length > 0;
  const runsEach = 1 + (isChanged ? 1 : 0) + sweepLayers.length;
  const totalUs = runsEach * conversations.reduce((sum, each) => sum + lengthUs(each), 0);
  let doneUs = 0;

  const told: ResimulatedConversation[] = [];
  const before: SimulatedTurn[][] = [];
  const after: SimulatedTurn[][] = [];
  const swept: { turns: SimulatedTurn[][]; pairs: TurnPair[] }[] = sweepLayers.map(() => ({ turns: [], pairs: [] }));

  for (const recorded of conversations) {
    const ears = new Map<string, { engine: RememberedVad; isReplaced: boolean }>();
    // The clock of the run under way: a detector that is remembered outlives the runs.
    let clock = new VirtualClock();
    const listeners = async (id: string) => {
      const known = ears.get(id);
      if (known !== undefined) return known;
      const { engine, isReplaced } = await vad(id);
      const key = soundKey(recorded.sessionId, recorded.conversationId, engine.id);
      const ear = { engine: rememberedVad({ engine, heard: heard[key], during: (work) => clock.during(work) }), isReplaced };
      heard[key] = ear.engine.heard;
      ears.set(id, ear);
      return ear;
    };
    const run = async (own: AgentLayer, reference?: Run): Promise<Run> => {
      const wanted = own.engines?.vad;
      const ear = await listeners(typeof wanted === 'string' && wanted !== 'auto' ? wanted : recorded.opened.engines.vad);
      clock = new VirtualClock(recorded.opened.atUs);
      const beganUs = doneUs;
      const onOwnProgress = (us: number) => onProgress(Math.min(1, (beganUs + us) / Math.max(1, totalUs)));
      const simulation = await simulate({ recorded, changes: own, vad: ear.engine, clock, onProgress: onOwnProgress });
      if (ear.engine.failure !== undefined) throw asTalkError(ear.engine.failure.error, 'vad', ear.engine.id);
      doneUs = beganUs + lengthUs(recorded);
      const events = reference === undefined ? simulation.events : onClockOf(reference.simulation.events, simulation.events);
      return { turns: simulatedTurns(events, simulation.marks), simulation };
    };

    const baseline = await run({});
    const changed = isChanged ? await run(layer, baseline) : baseline;
    const recordedTurns = simulatedTurns(recorded.events);
    before.push(baseline.turns);
    after.push(changed.turns);
    for (const [index, own] of sweepLayers.entries()) {
      const { turns } = await run(own, baseline);
      swept[index]?.turns.push(turns);
      for (const pair of pairsOf(baseline.turns, turns)) swept[index]?.pairs.push(pair);
    }
    const ear = await listeners(recorded.opened.engines.vad);
    told.push({
      sessionId: recorded.sessionId,
      conversationId: recorded.conversationId,
      language: recorded.opened.language,
      durationMs: lengthUs(recorded) / 1000,
      vad: ear.engine.id,
      recorded: recordedTurns,
      pairs: pairsOf(baseline.turns, changed.turns),
      fidelity: fidelityOf(recordedTurns, baseline.turns),
      notes: notesOf(recorded, [baseline, changed], ear.isReplaced),
    });
  }
  onProgress(1);
  const points = swept.map(
    ({ turns, pairs }, index): SweepPoint => ({
      value: sweep?.values[index],
      figures: figuresOf(turns),
      merged: count(pairs, 'merged'),
      split: count(pairs, 'split'),
      interruptionsGained: sum(pairs, 'interruptionsGained'),
      interruptionsLost: sum(pairs, 'interruptionsLost'),
    }),
  );
  return {
    result: {
      changes,
      conversations: told,
      before: figuresOf(before),
      after: figuresOf(after),
      sweep: sweep === null ? null : { key: sweep.key, points },
    },
    simulatedMs: totalUs / 1000,
  };
}

function lengthUs({ opened, closedUs }: RecordedConversation): number {
  return Math.max(0, closedUs - opened.atUs);
}

function count(pairs: readonly TurnPair[], change: TurnPair['change']): number {
  return pairs.filter((pair) => pair.change === change).length;
}

function sum(pairs: readonly TurnPair[], key: 'interruptionsGained' | 'interruptionsLost'): number {
  return pairs.reduce((total, pair) => total + pair[key], 0);
}

function notesOf(recorded: RecordedConversation, runs: readonly Run[], isVadReplaced: boolean): SimulationNote[] {
  const { isDenoised, droppedCount, opened } = recorded;
  const frontEnd = opened.settings.frontEnd as { isVoiceprintGated?: unknown } | undefined;
  const counts: [SimulationNote['kind'], number][] = [
    ['settings-not-recorded', sectionsMissing(recorded)],
    ['vad-replaced', isVadReplaced ? 1 : 0],
    ['denoised', isDenoised ? 1 : 0],
    ['dropped-packets', droppedCount],
    ['voice-not-told-apart', frontEnd?.isVoiceprintGated === true ? 1 : 0],
    ['ran-on', runs.some(({ simulation }) => simulation.hasRunOn) ? 1 : 0],
  ];
  return counts.flatMap(([kind, each]) => (each > 0 ? { kind, count: each } : []));
}
