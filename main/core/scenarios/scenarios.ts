import type { Engines } from '../../../pipeline/conversation.ts';
import { createScriptLlm } from '../../../pipeline/engines/llm/script.ts';
import { createScriptedStt, scriptedSttConfig } from '../../../pipeline/engines/scripted/stt.ts';
import { createScriptedTts, scriptedTtsConfig } from '../../../pipeline/engines/scripted/tts.ts';
import { ScriptedUser } from '../../../pipeline/engines/scripted/user.ts';
import { createScriptedVad } from '../../../pipeline/engines/scripted/vad.ts';
import type { Observer } from '../../../pipeline/observer.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { ScenarioCheck, ScenarioEngines, ScenarioReport } from '../../../preload/contract/scenarios.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers } from '../endpoint/handlers.ts';
import type { EngineService } from '../engines/engines.ts';
import type { Log } from '../log.ts';
import { checkExpectation, checkSoundness, type ScenarioFacts } from './expectations.ts';
import { readScenario, type ScenarioFile } from './file.ts';
import { type Played, play } from './play.ts';
import { type ScenarioEvent, startRun } from './run.ts';
import type { Scenario } from './schema.ts';

const SCRIPTED = 'scripted';
/** Too many of them, or nothing a reader would look for. */
const notInTimeline: ReadonlySet<ScenarioEvent['kind']> = new Set(['wire.message', 'downlink.queue', 'llm.text']);

export interface ScenarioServiceDeps {
  clock: Clock;
  observer: Observer;
  engines: Pick<EngineService, 'for' | 'speak'>;
  sessionId: () => string | null;
  log: Log;
}

/** Plays scenario files (docs/scenarios.md), each with a bench and a board of its own, as many at once as are asked for. */
export function createScenarios(deps: ScenarioServiceDeps): { calls: Pick<CallHandlers, 'scenarios.run'> } {
  return {
    calls: {
      'scenarios.run': async ({ yaml, folder, engines }, { signal }) => runScenario(readScenario(yaml), { folder, engines }, deps, signal),
    },
  };
}

async function runScenario(
  { scenario, expectationLines }: ScenarioFile,
  { folder, engines: whose }: { folder: string; engines: ScenarioEngines },
  deps: ScenarioServiceDeps,
  signal: AbortSignal,
): Promise<ScenarioReport> {
  const { clock, log } = deps;
  const user = new ScriptedUser(clock);
  const make = engineMaker(scenario, whose, user, deps);
  const startedUs = clock.nowUs();
  await using run = await startRun(scenario, { clock, log, observer: deps.observer, engines: make.engines }, signal);
  const synthesize = make.isListening ? (text: string, of: AbortSignal) => deps.engines.speak(text, scenario.language, of) : null;
  const played = await play(scenario, run, { clock, user, synthesize, folder, signal });
  const facts = run.facts(played.stepEndsUs);
  const checks = checksOf(scenario, expectationLines, facts, played);
  return {
    name: scenario.name,
    isPassed: checks.every(({ isMet }) => isMet),
    durationMs: (clock.nowUs() - startedUs) / 1000,
    conversationId: run.conversation.conversationId,
    sessionId: deps.sessionId(),
    checks,
    turns: facts.turns.map(({ turnId, initiator, outcome, userText, replyText, heardText, breakdown }) => ({
      ...{ turnId, initiator, outcome, userText, replyText, heardText },
      totalMs: breakdown.totalUs === null ? null : breakdown.totalUs / 1000,
      parts: Object.fromEntries(breakdown.parts.map((part) => [part.key, part.durationUs / 1000])),
    })),
    timeline: timelineOf(facts),
  };
}

function checksOf(scenario: Scenario, lines: readonly (number | null)[], facts: ScenarioFacts, { missing }: Played): ScenarioCheck[] {
  return [
    { text: 'every step could be made', line: null, isMet: missing === null, found: missing ?? 'so' },
    checkSoundness(facts),
    ...scenario.expect.map((expectation, index) => ({ ...checkExpectation(expectation, facts), line: lines[index] ?? null })),
  ];
}

/** Scripted engines live as long as the run: they count their requests. */
function engineMaker(
  scenario: Scenario,
  whose: ScenarioEngines,
  user: ScriptedUser,
  deps: ScenarioServiceDeps,
): { engines: () => Engines; isListening: boolean } {
  const { clock } = deps;
  const named = { vad: scenario.engines.vad, ...namesOf(scenario.engines) };
  // A language model is not what an embedded ear and voice are tried with: a script stays one.
  if (whose === 'embedded') Object.assign(named, { vad: 'auto', stt: 'auto', tts: 'auto' });
  if (whose === 'fake') Object.assign(named, { vad: SCRIPTED, stt: SCRIPTED, tts: SCRIPTED });
  if (whose === 'fake' && typeof scenario.engines.llm === 'string' && scenario.engines.llm !== SCRIPTED) named.llm = SCRIPTED;
  const { stt, tts, llm } = scenario.engines;
  const scripted = {
    vad: createScriptedVad(),
    stt: createScriptedStt(user, clock, typeof stt === 'string' ? scriptedSttConfig.parse({}) : stt),
    tts: createScriptedTts(clock, typeof tts === 'string' ? scriptedTtsConfig.parse({}) : tts),
    ...(typeof llm === 'string' ? {} : { llm: createScriptLlm({ id: 'script', config: { script: JSON.stringify(llm) }, clock }) }),
  };
  return {
    isListening: named.stt !== SCRIPTED,
    engines() {
      const chosen = deps.engines.for(scenario.language, named);
      return {
        ...chosen,
        ...(named.vad === SCRIPTED && { vad: scripted.vad }),
        ...(named.stt === SCRIPTED && { stt: scripted.stt }),
        ...(named.tts === SCRIPTED && { tts: scripted.tts }),
        ...(scripted.llm !== undefined && { llm: scripted.llm }),
      };
    },
  };
}

function namesOf({ stt, llm, tts }: Scenario['engines']): { stt: string; llm: string; tts: string } {
  const name = (engine: string | object) => (typeof engine === 'string' ? engine : SCRIPTED);
  return { stt: name(stt), llm: name(llm), tts: name(tts) };
}

function timelineOf({ events, startedUs }: ScenarioFacts): ScenarioReport['timeline'] {
  return events
    .filter(({ kind }) => !notInTimeline.has(kind))
    .map((event) => {
      const { kind, atUs, ...facts } = event as PipelineEvent & { conversationId?: string };
      const { conversationId: _id, ...rest } = facts as Record<string, unknown>;
      return { atMs: (atUs - startedUs) / 1000, kind, facts: rest };
    });
}
