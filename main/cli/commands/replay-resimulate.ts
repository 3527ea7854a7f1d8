import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import { type CommonOptions, interruptSignal, runWithCore } from '../command.ts';
import { resimulationText } from '../replay-text.ts';
import { type GivenSetting, givenSetting, givenSweep, settingTree } from '../setting-options.ts';
import type { ReplayWay } from './replay.ts';

interface ResimulateOptions extends CommonOptions {
  resimulate?: boolean;
  conversation?: string;
  set: GivenSetting[];
  sweep?: { key: string; values: unknown[] };
}

/** `talkbench replay SESSION --resimulate --set turns.vadSilenceMs=800`. */
export const resimulateWay: ReplayWay = {
  flag: '--resimulate',
  help:
    'JSON of --resimulate: {"changes","conversations":[{"pairs":[{"change","before","after","committedByMs","v2vByMs"}],"fidelity","notes"}],\n' +
    ' "before":{"v2v","endpoint","earlyCuts","interruptions",…},"after","sweep":{"key","points":[{"value","figures","merged","split"}]}}',
  addOptions: (command: Command) =>
    command
      .option('--resimulate', 'what would have been with other settings, without engines and in no time')
      .option(
        '--set <key=value>',
        'a setting to change, turns.vadSilenceMs=800; repeatable',
        (text, earlier: GivenSetting[]) => [...earlier, givenSetting(text)],
        [],
      )
      .option('--sweep <key=values>', 'a setting at many values: turns.vadSilenceMs=240..1200:120, or =240,500,800', givenSweep)
      .option('--conversation <id>', 'only this conversation of the session'),
  isChosen: ({ resimulate }) => resimulate === true,
  run: (sessions, common) =>
    runWithCore(common, 'offline', async (client, output) => {
      const { conversation, set, sweep } = common as ResimulateOptions;
      const runId = randomUUID();
      let told = 0;
      const unsubscribe = client.subscribe(
        'replay.progress',
        { runId },
        {
          onSnapshot() {},
          onDelta(items) {
            const tenths = Math.floor((items.at(-1)?.fraction ?? 0) * 10);
            if (tenths > told && tenths < 10) output.say(`${tenths * 10} %`);
            told = Math.max(told, tenths);
          },
        },
      );
      const request = {
        sessionIds: sessions.length > 0 ? [...sessions] : await newestSession(client),
        changes: settingTree(set),
        runId,
        ...(conversation !== undefined && { conversationId: conversation }),
        ...(sweep !== undefined && { sweep }),
      };
      const { result, cost } = await client.call('replay.resimulate', request, { signal: interruptSignal() }).finally(unsubscribe);
      const seconds = (value: number) => (value / 1000).toFixed(1);
      output.say(
        `${seconds(cost.simulatedMs)} s of conversation in ${seconds(cost.elapsedMs)} s: ${(cost.simulatedMs / Math.max(1, cost.elapsedMs)).toFixed(0)} times as fast`,
      );
      // Without what it took: the same recording and settings print the same bytes.
      output.result(result, resimulationText);
    }),
};

async function newestSession(client: Client): Promise<string[]> {
  return (await client.call('sessions.list', { limit: 1 })).sessions.map(({ id }) => id);
}
