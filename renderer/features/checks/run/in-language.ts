import type { CheckListDocument, CheckListOutline, CheckResult, CheckRun } from '../../../../preload/contract/checks.ts';
import { useReply } from '../../../lib/actions.ts';
import { useCheckLists } from '../check-streams.ts';
import { useLanguage } from '../check-words.ts';

type Language = 'zh' | 'en';
type Listed = Pick<CheckListDocument, 'names'> & { outline: CheckListOutline | null };

/**
 * A run keeps its list's words in the language it was begun in. Here they are in the page's, as far as the list still has them: its name, its
 * titles, and questions that are their own title.
 */
export function inLanguage(run: CheckRun, { names, outline }: Listed, language: Language): CheckRun {
  const titles = new Map((outline?.checks ?? []).map((item) => [item.id, item.titles]));
  return { ...run, listName: names[language], results: run.results.map((result) => resultIn(result, titles.get(result.id), language)) };
}

function resultIn(result: CheckResult, titles: CheckListOutline['checks'][number]['titles'] | undefined, language: Language): CheckResult {
  if (titles == null || result.title === null) return result;
  const { question } = result;
  const isTitle = question !== null && question.data.text === result.title;
  return {
    ...result,
    title: titles[language],
    question: isTitle ? { ...question, data: { ...question.data, text: titles[language] } } : question,
  };
}

/** What a run's list is called in the page's language; as the run has it where the list is gone or has another version by now. */
export function useListName(): (run: Pick<CheckRun, 'listId' | 'listVersion' | 'listName'>) => string {
  const language = useLanguage();
  const lists = useCheckLists() ?? [];
  return (run) => lists.find((list) => isListOf(list, run))?.names[language] ?? run.listName;
}

function isListOf({ id, version }: CheckListDocument, { listId, listVersion }: Pick<CheckRun, 'listId' | 'listVersion'>): boolean {
  return id === listId && version === listVersion;
}

/** The run in the page's language; as it is where its list is gone or has another version by now. */
export function useInLanguage<Run extends CheckRun | null>(run: Run): Run | CheckRun {
  const language = useLanguage();
  const list = (useCheckLists() ?? []).find((each) => run !== null && isListOf(each, run));
  const inspected = useReply('checks.inspectList', { text: list?.text ?? '' }, { isEnabled: list !== undefined });
  if (run === null || list === undefined) return run;
  return inLanguage(run, { names: list.names, outline: inspected.data?.outline ?? null }, language);
}
