import { once } from 'node:events';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import { type RedactionPreview, redactionRule, ruleProblem } from '../../../preload/contract/redaction.ts';
import { sessionExportFormat } from '../../../preload/contract/sessions.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { postSpans } from '../../core/sessions/export/otlp-post.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import { requireWritable, writeOutputFile } from '../output-file.ts';

type Request = Omit<CallBody<'sessions.export'>, 'cursor'>;

interface ExportOptions extends CommonOptions {
  format: NonNullable<Request['format']>;
  out?: string;
  conversation?: string;
  track?: Request['track'];
  of?: Request['content'];
  lang?: Request['language'];
  identities?: boolean;
  redact: string[];
  sound: boolean;
  transcripts: boolean;
  preview?: boolean;
  post?: string;
  header: Record<string, string>;
}

type Piece = Awaited<ReturnType<typeof nextPiece>>;

export function addExportCommand(program: Command): void {
  const choice = (flags: string, description: string, choices: readonly string[]) => new Option(flags, description).choices(choices);
  withCommonOptions(
    program
      .command('export')
      .argument('<session>', 'its id')
      .description('a session as a file of another format, or sent to a trace collector'),
  )
    .addOption(choice('--format <format>', 'what kind of file', sessionExportFormat.options).default('talkbench'))
    .option('--out <file>', 'where to (- for standard output); the session’s own name by default')
    .option('--conversation <id>', 'only this one; wav, ogg, srt and vtt are of one')
    .addOption(choice('--track <track>', 'ogg: whose sound', ['uplink', 'uplink-denoised', 'downlink']))
    .addOption(choice('--of <rows>', 'csv, jsonl: rows of what', ['turns', 'events', 'notes']))
    .addOption(choice('--lang <language>', 'html: language of the report', ['en', 'zh']))
    .option('--identities', 'keep IMEI, IMSI and ICCID, which are redacted otherwise')
    .option('--redact <word>', 'black out this word too, in any case, or this /regular expression/; repeatable', addRule, [])
    .option('--no-sound', 'leave out all sound')
    .option('--no-transcripts', 'leave out all that was said, and the messages and tool values that carry it')
    .option('--preview', 'write no file: say what would be blacked out and left out')
    .option('--post <url>', 'otlp: send it to this collector (http://HOST:4318) instead of writing a file')
    .option('--header <name:value>', 'otlp: what the collector wants to see, repeatable', addHeader, {})
    .addHelpText(
      'after',
      '\nJSON: {"file","format","sizeBytes","facts":{counts, by format}}; with --preview {"findings":[{"kind","rule","count","places","examples"}],"leftOut"}; with --post {"url","requests","rejectedSpans","facts"}\nWhat is in each format: docs/exports.md',
    )
    .action((id: string, options: ExportOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const request: Request = {
          id,
          includeIdentities: options.identities === true,
          format: options.format,
          redactions: options.redact,
          leaveOut: [...(options.sound ? [] : (['sound'] as const)), ...(options.transcripts ? [] : (['transcripts'] as const))],
          ...(options.conversation === undefined ? {} : { conversationId: options.conversation }),
          ...(options.track === undefined ? {} : { track: options.track }),
          ...(options.of === undefined ? {} : { content: options.of }),
          ...(options.lang === undefined ? {} : { language: options.lang }),
        };
        const signal = interruptSignal();
        if (options.preview === true) {
          const { includeIdentities, redactions, leaveOut } = request;
          const preview = await client.call('sessions.preview', { id, includeIdentities, redactions, leaveOut }, { signal });
          output.result(preview, previewText);
          return;
        }
        if (options.post !== undefined) {
          if (options.format !== 'otlp') throw badRequest('post', 'only --format otlp can be sent');
          output.result(
            await post(client, request, { url: options.post, headers: options.header, signal }),
            (sent) => `${sent.url}\t${JSON.stringify(sent.facts)}`,
          );
          return;
        }
        if (options.out === '-' && output.isJson) throw badRequest('out', '--json has standard output for itself: give --out a file');
        if (options.out !== undefined && options.out !== '-') await requireWritable(options.out);
        const pieces = piecesOf(client, request, signal);
        const first = await pieces.next();
        if (first.done === true) throw new Error('an export without a piece');
        const file = options.out ?? first.value.fileName;
        const all = withFirst(first.value, pieces);
        if (file === '-') return writeToOutput(all);
        let sizeBytes = 0;
        await writeOutputFile(file, async (handle) => {
          for await (const { data } of all) {
            await handle.writeFile(data);
            sizeBytes += data.byteLength;
          }
        });
        const summary = { file, format: options.format, sizeBytes, facts: first.value.facts ?? {} };
        output.result(summary, (written) => `${written.file}\t${written.sizeBytes} bytes\t${factsText(written.facts)}`);
      }),
    );
}

function nextPiece(client: Client, request: Request, cursor: string | undefined, signal: AbortSignal) {
  return client.call('sessions.export', { ...request, ...(cursor === undefined ? {} : { cursor }) }, { signal });
}

async function* piecesOf(client: Client, request: Request, signal: AbortSignal): AsyncGenerator<Piece> {
  let cursor: string | undefined;
  do {
    const piece = await nextPiece(client, request, cursor, signal);
    yield piece;
    cursor = piece.cursor ?? undefined;
  } while (cursor !== undefined);
}

async function* withFirst(first: Piece, rest: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  yield first;
  yield* rest;
}

async function writeToOutput(pieces: AsyncIterable<Piece>): Promise<void> {
  for await (const { data } of pieces) if (!process.stdout.write(data)) await once(process.stdout, 'drain').catch(() => {});
}

/** Each line is a request of its own. */
async function post(client: Client, request: Request, options: { url: string; headers: Record<string, string>; signal: AbortSignal }) {
  let requests = 0;
  let rejectedSpans = 0;
  let facts: Record<string, number> = {};
  let held = Buffer.alloc(0);
  for await (const piece of piecesOf(client, request, options.signal)) {
    facts = piece.facts ?? {};
    held = Buffer.concat([held, piece.data]);
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
      const sent = await postSpans(held.toString('utf8', 0, end), options);
      held = held.subarray(end + 1);
      requests++;
      rejectedSpans += sent.rejectedSpans;
    }
  }
  return { url: options.url, requests, rejectedSpans, facts };
}

function addRule(text: string, rules: string[]): string[] {
  const parsed = redactionRule.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(ruleProblem(text) ?? 'want two characters or more');
  return [...rules, text];
}

function previewText({ findings, leftOut }: RedactionPreview): string {
  const lines = findings.flatMap(({ kind, rule, count, places, examples }) => [
    `${kind}${rule === null ? '' : ` ${rule}`}\t${count}\t${places.map((one) => `${one.place} ${one.count}`).join(', ')}`,
    ...examples.map(
      ({ place, at, name, text }) => `  ${[place, at, name].filter((part) => part !== null && part !== '').join(' ')}\t${text}`,
    ),
  ]);
  const left = Object.entries(leftOut).filter(([, count]) => count > 0);
  if (left.length > 0) lines.push(`left out\t${left.map(([name, count]) => `${name} ${count}`).join(', ')}`);
  if (lines.length === 0) lines.push('nothing would be blacked out');
  lines.push('secrets this bench never held, or forgot (retention.rememberSecrets off), are not known: give them to --redact');
  return lines.join('\n');
}

function addHeader(text: string, headers: Record<string, string>): Record<string, string> {
  const [, name = '', value = ''] = /^([\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('want NAME:VALUE');
  return { ...headers, [name]: value };
}

function factsText(facts: Record<string, number>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function badRequest(path: string, message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path, message }] });
}
