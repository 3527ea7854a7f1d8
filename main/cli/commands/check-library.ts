import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { valueText } from '../../../preload/contract/check-words/common.ts';
import { checkWords } from '../../../preload/contract/check-words/index.ts';
import { type CheckOptions, type CheckPlan, checkExitCodes as codes } from '../check-options.ts';
import { catalogueText, checkCountText, historyText, type Language, listsText, valueLines, yieldText } from '../check-text.ts';
import { writeOutputFile } from '../output-file.ts';
import { snapshotOf } from '../snapshot.ts';
import { bytesOf, listNamed, textOf, unknownList } from './check-list.ts';

/** What is asked of the library instead of a board. A file is read before a core is begun for it. */
export function libraryQuestion(options: CheckOptions): CheckPlan | null {
  const { lang, lists, listText, inspect, catalogue, reference, opus, history, yield: isYield } = options;
  const filter = {
    ...(options.serial !== '' && { serialNumber: options.serial }),
    ...(options.board !== '' && { boardKind: options.board }),
  };
  if (lists === true)
    return async () => async (client, output) => {
      output.result(await snapshotOf(client, 'checks.lists', {}), (all) => listsText(all, lang));
      return codes.passed;
    };
  if (listText !== undefined)
    return async () => async (client, output) => {
      const lists = await snapshotOf(client, 'checks.lists', {});
      output.result(listNamed(lists, listText) ?? unknownList(lists, listText), ({ text }) => text.trimEnd());
      return codes.passed;
    };
  if (inspect !== undefined)
    return async () => {
      const text = await textOf(inspect);
      return async (client, output) => {
        const inspected = await client.call('checks.inspectList', { text });
        output.result(inspected, ({ problems, outline }) =>
          problems.length > 0
            ? problems.map(({ line, reason }) => `${inspect}${line === null ? '' : `:${line}`}\t${reason}`).join('\n')
            : `${outline?.names[lang] ?? ''}\t${checkCountText(outline?.checks.length ?? 0, lang)}`,
        );
        return inspected.problems.length === 0 ? codes.passed : codes.notRun;
      };
    };
  if (catalogue === true)
    return async () => async (client, output) => {
      output.result(await client.call('checks.catalogue', {}), ({ checks }) => catalogueText(checks, lang));
      return codes.passed;
    };
  if (reference !== undefined)
    return async () => async (client, output) => {
      await mkdir(reference, { recursive: true });
      const { recvOpus, outputWav } = await client.call('checks.reference', { frameMs: Number(options.frameMs) as 20 | 40 | 60 });
      const files = [join(reference, 'recv.opus'), join(reference, 'output.wav')];
      for (const [i, data] of [recvOpus, outputWav].entries())
        await writeOutputFile(files[i] ?? '', async (handle) => handle.writeFile(data));
      output.result({ files }, () => files.join('\n'));
      return codes.passed;
    };
  if (opus !== undefined)
    return async () => {
      const data = await bytesOf(opus);
      return async (client, output) => {
        const { container, values } = await client.call('checks.opusFile', { data });
        output.result({ container, values }, () =>
          [
            valueText({ name: 'container', value: container }, lang),
            ...valueLines(values, (name) => uplinkValueWords(name, lang), lang),
          ].join('\n'),
        );
        return values.some(({ limit, isMet }) => limit !== null && isMet !== true) ? codes.failed : codes.passed;
      };
    };
  if (history === true)
    return async () => async (client, output) => {
      output.result(await client.call('checks.history', filter), ({ runs }) => historyText(runs, lang));
      return codes.passed;
    };
  if (isYield === true)
    return async () => async (client, output) => {
      output.result(await client.call('checks.yield', filter), (it) => yieldText(it, lang));
      return codes.passed;
    };
  return null;
}

/** A sound of one's own is measured as several checks of the uplink would. */
function uplinkValueWords(name: string, language: Language): string | undefined {
  return Object.entries(checkWords).find(([check, { values }]) => check.startsWith('uplink.') && values[name] !== undefined)?.[1].values[
    name
  ]?.[language];
}
