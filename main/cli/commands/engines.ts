import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { EngineKind, EngineProfile, EngineTestReport } from '../../../preload/contract/engines.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import { askSecrets, valuesOf } from '../engine-values.ts';
import type { Output } from '../output.ts';
import { snapshotOf } from '../snapshot.ts';

const stages = ['vad', 'stt', 'llm', 'tts'] as const;

/** `talkbench engines …`: what recognises, answers and speaks. */
export function addEnginesCommand(program: Command): void {
  const engines = program
    .command('engines')
    .description('what recognises, answers and speaks: services and programs, each configured once');

  withCommonOptions(engines.command('list', { isDefault: true }).description('the embedded ones and the profiles'))
    .addHelpText(
      'after',
      '\nJSON: {"engines":[{"id","stage","isAvailable","languages","missing"?,"voices"?}],"profiles":[{"id","stage","kind","name","config","secrets"}]}',
    )
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const { engines: all } = await client.call('pipeline.engines', {});
        const profiles = await snapshotOf(client, 'engines.profiles', {});
        output.result({ engines: all, profiles }, () =>
          all
            .map(({ stage, id, isAvailable, languages, missing }) => {
              const profile = profiles.find((candidate) => candidate.id === id);
              const what = profile === undefined ? 'embedded' : `${profile.kind}: ${profile.name}`;
              return [stage, id, what, isAvailable ? languages.join(' ') : `missing: ${missing ?? '?'}`].join('\t');
            })
            .join('\n'),
        );
      }),
    );

  withCommonOptions(engines.command('kinds').description('the kinds that profiles are made of, with their fields and presets'))
    .addHelpText(
      'after',
      '\nJSON: {"kinds":[{"kind","stage","title","fields":[{"name","kind","isRequired",…}],"languages","presets":[{"id","title","config"}]}]}',
    )
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) =>
        output.result(await client.call('engines.kinds', {}), ({ kinds }) => kinds.map(kindText).join('\n')),
      ),
    );

  withCommonOptions(
    engines
      .command('put')
      .argument('<id>', 'what it is chosen by: small letters, digits and hyphens')
      .argument('[values...]', 'FIELD=VALUE, as `engines kinds` names the fields; FIELD= removes')
      .description('add a profile or change one; secrets are asked for and never shown'),
  )
    .addOption(new Option('--stage <stage>', 'for a new one').choices(['stt', 'llm', 'tts']))
    .option('--kind <kind>', 'for a new one; `engines kinds` has them')
    .option('--preset <preset>', 'begin with the values of a preset of the kind')
    .option('--name <name>', 'what people call it')
    .option('--secret <name...>', 'ask for this secret again, though it is stored or may be left out')
    .addHelpText(
      'after',
      '\nSecrets come from the environment (TALKBENCH_ENGINE_<ID>_<FIELD>, for example TALKBENCH_ENGINE_DEEPSEEK_APIKEY) or are typed at the terminal.' +
        '\nJSON: {"id","stage","kind","name","config","secrets"}: of the secrets the names only',
    )
    .action((id: string, values: string[], options: PutOptions) =>
      runWithCore(options, 'offline', async (client, output) => output.result(await put(client, id, values, options), profileText)),
    );

  withCommonOptions(engines.command('remove').argument('<id>', 'of a profile').description('forget a profile and its secrets')).action(
    (id: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        await client.call('engines.remove', { id });
        output.result({ id }, (removed) => removed.id);
      }),
  );

  withCommonOptions(
    engines
      .command('read')
      .argument('<file>', 'JSON of TWeTalk’s or TRTC’s configuration; “-”: standard input')
      .description('show what STTConfig, LLMConfig and TTSConfig mean as profiles; nothing is stored'),
  )
    .addHelpText('after', '\nJSON: {"profiles":[{"profile":{…},"secretNames":[…]}],"notes":[…]}')
    .action((file: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) =>
        output.result(await client.call('engines.read', { json: await contents(file) }), ({ profiles, notes }) =>
          [
            ...profiles.map(
              ({ profile, secretNames }) => `${profileText({ ...profile, secrets: secretNames })}\t${JSON.stringify(profile.config)}`,
            ),
            ...notes.map((note) => `note: ${note}`),
          ].join('\n'),
        ),
      ),
    );

  withCommonOptions(
    engines
      .command('test')
      .argument('<stage>', stages.join(', '))
      .argument('[id]', 'a profile or an embedded engine', 'auto')
      .description('ask it once, measure, and say what is wrong'),
  )
    .addOption(new Option('--language <language>', 'to speak in').choices(['zh', 'en']).default('zh'))
    .option('--text <text>', 'what to say or ask')
    .addHelpText(
      'after',
      '\nJSON: {"stage","engine","connectMs","firstMs","totalMs","finalMs","audioMs","realTimeFactor","text","expected","error"}; exit code 1 with an error',
    )
    .action((stage: string, id: string, options: CommonOptions & { language: 'zh' | 'en'; text?: string }) =>
      runWithCore(options, 'offline', (client, output) => tryOne(client, output, stage, id, options)),
    );
}

interface PutOptions extends CommonOptions {
  stage?: 'stt' | 'llm' | 'tts';
  kind?: string;
  preset?: string;
  name?: string;
  secret?: string[];
}

async function put(client: Client, id: string, values: readonly string[], options: PutOptions): Promise<EngineProfile> {
  const before = (await snapshotOf(client, 'engines.profiles', {})).find((profile) => profile.id === id);
  const stage = options.stage ?? before?.stage;
  const wanted = options.kind ?? before?.kind;
  if (stage === undefined || wanted === undefined)
    throw new TalkError('bad-request', { issues: [{ path: '--stage and --kind', message: 'wanted for a new profile' }] });
  const { kinds } = await client.call('engines.kinds', {});
  const kind = kinds.find((candidate) => candidate.stage === stage && candidate.kind === wanted);
  if (kind === undefined) throw new TalkError('engine/bad-config', { field: 'kind', reason: 'unknown-kind', kind: wanted, stage });
  const preset = kind.presets.find((candidate) => candidate.id === options.preset);
  if (options.preset !== undefined && preset === undefined) throw new TalkError('not-found', { what: 'preset', id: options.preset });
  const config = { ...(before?.kind === wanted ? before.config : {}), ...preset?.config, ...valuesOf(kind, values) };
  const secrets = await askSecrets(kind, id, options.secret ?? [], before?.kind === wanted ? before.secrets : []);
  const name = options.name ?? before?.name ?? preset?.title ?? kind.title;
  return client.call('engines.put', { profile: { id, stage, kind: wanted, name, config }, secrets });
}

async function tryOne(
  client: Client,
  output: Output,
  stage: string,
  id: string,
  { language, text }: { language: 'zh' | 'en'; text?: string },
): Promise<void> {
  const wanted = stages.find((candidate) => candidate === stage);
  if (wanted === undefined) throw new TalkError('bad-request', { issues: [{ path: 'stage', message: `want ${stages.join(', ')}` }] });
  const request = { stage: wanted, id, language, ...(text === undefined ? {} : { text }) };
  const report = await client.call('engines.test', request, { signal: interruptSignal() });
  if (report.error === null) output.result(report, reportText);
  else if (output.isJson) {
    output.result(report, reportText);
    process.exitCode = 1;
  } else {
    output.result(report, reportText);
    throw TalkError.from(report.error);
  }
}

function reportText(report: EngineTestReport): string {
  const times = [
    ['connected', report.connectMs, 'ms'],
    ['first', report.firstMs, 'ms'],
    ['after the speech', report.finalMs, 'ms'],
    ['in all', report.totalMs, 'ms'],
    ['audio', report.audioMs, 'ms'],
    ['real-time factor', report.realTimeFactor, ''],
  ] as const;
  return [
    `${report.stage}\t${report.engine}`,
    ...times.flatMap(([name, value, unit]) => (value === null ? [] : [`${name}\t${value} ${unit}`.trimEnd()])),
    ...(report.expected === null ? [] : [`said\t${report.expected}`]),
    ...(report.text === null ? [] : [`${report.expected === null ? 'answer' : 'heard'}\t${report.text}`]),
  ].join('\n');
}

function kindText({ stage, kind, title, fields, presets }: EngineKind): string {
  const shown = fields.map(({ name, kind: type, isRequired }) => `${name}${isRequired ? '' : '?'}:${type}`).join(' ');
  return [stage, kind, title, shown, presets.length === 0 ? '' : `presets: ${presets.map(({ id }) => id).join(' ')}`].join('\t');
}

function profileText({ stage, id, kind, name, secrets }: EngineProfile): string {
  return [stage, id, kind, name, secrets.length === 0 ? 'no secrets' : `secrets: ${secrets.join(' ')}`].join('\t');
}

async function contents(file: string): Promise<string> {
  if (file === '-') return textOf(process.stdin);
  return readFile(file, 'utf8').catch(() => {
    throw new TalkError('not-found', { what: 'file', id: file });
  });
}
