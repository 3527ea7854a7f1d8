import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { resample } from '../../../pipeline/audio/resample.ts';
import { decodeWav } from '../../../pipeline/audio/wav.ts';
import { sleepUntil } from '../../../pipeline/clock.ts';
import { scriptedSound } from '../../../pipeline/engines/scripted/sound.ts';
import type { ScriptedUser } from '../../../pipeline/engines/scripted/user.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ScenarioRun } from './run.ts';
import type { Scenario, Step } from './schema.ts';

const SAMPLE_RATE = 16_000;
/** For what a step waits for: longer than any engine's deadline of a scenario. */
const MOMENT_TIMEOUT_US = 30_000_000;

export interface PlayDeps {
  clock: Clock;
  user: ScriptedUser;
  /** Speech of an embedded voice, for recognisers that listen. */
  synthesize: ((text: string, signal: AbortSignal) => Promise<Int16Array>) | null;
  folder: string;
  signal: AbortSignal;
}

export interface Played {
  /** When each step had been made. */
  stepEndsUs: number[];
  /** What never came that a step, or the end, waited for; null when all did. */
  missing: string | null;
}

/** Makes the steps of a scenario one after the other and waits for its end. Rejects with TalkError 'cancelled', 'not-found' {what: 'file'}, 'audio/bad-wav'. */
export async function play(scenario: Scenario, run: ScenarioRun, deps: PlayDeps): Promise<Played> {
  const { clock, signal } = deps;
  const sounds = await soundsOf(scenario, deps);
  const openedUs = run.events.find(({ kind }) => kind === 'conversation.opened')?.atUs ?? clock.nowUs();
  const stepEndsUs: number[] = [];
  let fromIndex = 0;
  try {
    for (const [index, step] of scenario.steps.entries()) {
      if ('after' in step && step.after !== undefined) {
        const event = await run.until(step.after, { fromIndex, timeoutUs: MOMENT_TIMEOUT_US, signal });
        await sleepUntil(clock, (event.atUs + step.after.delayMs * 1000) as MonoUs, signal);
      } else if ('atMs' in step && step.atMs !== undefined) await sleepUntil(clock, (openedUs + step.atMs * 1000) as MonoUs, signal);
      // What answers a step may come before the step is over: a reply to the first of what is said.
      if (!('waitFor' in step)) fromIndex = run.events.length;
      await make(step, sounds[index], fromIndex, run, deps);
      stepEndsUs.push(clock.nowUs());
    }
    const { until = { event: 'turn.ended' as const, where: {}, timeoutMs: 15_000 } } = scenario;
    await run.until(until, { fromIndex, timeoutUs: until.timeoutMs * 1000, signal });
    await sleepUntil(clock, (clock.nowUs() + scenario.settleMs * 1000) as MonoUs, signal);
    return { stepEndsUs, missing: null };
  } catch (error) {
    if (signal.aborted) throw new TalkError('cancelled');
    if (!(error instanceof TalkError) || error.code !== 'talk/no-reply') throw error;
    const step = stepEndsUs.length;
    const where = step < scenario.steps.length ? `step ${step + 1}` : 'the end';
    return { stepEndsUs, missing: `${where} waited for ${String(error.value.data.waitedFor)}, which did not come` };
  }
}

async function make(step: Step, sound: Int16Array | undefined, fromIndex: number, run: ScenarioRun, deps: PlayDeps): Promise<void> {
  const { clock, user, signal } = deps;
  const { board, conversation } = run;
  if (sound !== undefined) {
    const durationMs = (sound.length * 1000) / SAMPLE_RATE;
    const heardAs = 'heardAs' in step && step.heardAs !== undefined ? step.heardAs : 'say' in step ? step.say : '';
    const isOver = user.begins(heardAs, durationMs);
    // A conversation that ends while the user speaks is for the expectations to judge.
    await board.speak(sound).catch((error: unknown) => {
      if (!(error instanceof TalkError)) throw error;
    });
    isOver();
  } else if ('send' in step) await board.sendText(step.send);
  else if ('inject' in step) conversation.text(step.inject, { initiator: 'injected', isSpoken: true });
  else if ('speak' in step) conversation.say(step.speak);
  else if ('interrupt' in step) conversation.interrupt('scenario');
  else if ('button' in step) conversation.listen(step.button === 'down' ? 'start' : 'stop', clock.nowUs());
  else if ('image' in step) conversation.image(await imageOf(step.image, deps.folder), step.question);
  else if ('silence' in step) await sleepUntil(clock, (clock.nowUs() + step.silence * 1000) as MonoUs, signal);
  else if ('waitFor' in step) {
    await run.until({ event: step.waitFor, where: step.where }, { fromIndex, timeoutUs: step.timeoutMs * 1000, signal });
  } else if ('set' in step) run.set(step.set);
  else if ('hangUp' in step) conversation.close('scenario');
}

/** Of all steps before the first is made: synthesis takes its time. */
function soundsOf(scenario: Scenario, deps: PlayDeps): Promise<(Int16Array | undefined)[]> {
  return Promise.all(
    scenario.steps.map(async (step) => {
      if ('sound' in step) return scriptedSound(step.sound, SAMPLE_RATE);
      if ('wav' in step) return samplesOf(await fileOf(step.wav, deps.folder));
      if (!('say' in step)) return undefined;
      return (await deps.synthesize?.(step.say, deps.signal)) ?? deps.user.soundOf(step.say, step.durationMs);
    }),
  );
}

function samplesOf(wav: Uint8Array): Int16Array {
  const { sampleRate, channels } = decodeWav(wav);
  const mono = channels[0] ?? new Int16Array();
  return sampleRate === SAMPLE_RATE ? mono : resample(mono, { from: sampleRate, to: SAMPLE_RATE });
}

async function imageOf(path: string, folder: string): Promise<{ data: Uint8Array; mediaType: string }> {
  const types: Record<string, string> = { '.png': 'image/png', '.webp': 'image/webp', '.gif': 'image/gif' };
  return { data: await fileOf(path, folder), mediaType: types[extname(path).toLowerCase()] ?? 'image/jpeg' };
}

async function fileOf(path: string, folder: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(folder, path));
  } catch (error) {
    throw new TalkError('not-found', { what: 'file', id: path, reason: (error as NodeJS.ErrnoException).code ?? 'unreadable' });
  }
}
