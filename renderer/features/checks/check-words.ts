import { useTranslation } from 'react-i18next';
import {
  factWords,
  groupWords,
  labelWords,
  limitText,
  questionWords,
  reasonWords,
  runStateWords,
  stateWords,
  valueText,
} from '../../../preload/contract/check-words/common.ts';
import { checkWords } from '../../../preload/contract/check-words/index.ts';
import { filled, type InBoth } from '../../../preload/contract/check-words/words.ts';
import type {
  CheckGroup,
  CheckListOutline,
  CheckQuestion,
  CheckResult,
  CheckRunSummary,
  CheckState,
} from '../../../preload/contract/checks.ts';

export function useLanguage(): 'zh' | 'en' {
  return useTranslation().i18n.language.startsWith('zh') ? 'zh' : 'en';
}

type Named = Pick<CheckResult, 'check' | 'title'>;

/** What people read of checks, in their language and as reports have it; the bare name where a word is missing. */
export function useCheckWords() {
  const language = useLanguage();
  const of = (words: InBoth | undefined, bare: string): string => words?.[language] ?? bare;
  const known = (words: Readonly<Record<string, InBoth>>, name: string): string =>
    of(Object.hasOwn(words, name) ? words[name] : undefined, name);
  return {
    language,
    group: (group: CheckGroup): string => groupWords[group][language],
    state: (state: CheckState): string => stateWords[state][language],
    runState: (state: CheckRunSummary['state']): string => runStateWords[state][language],
    reason: (reason: string): string => known(reasonWords, reason),
    fact: (name: string): string => known(factWords, name),
    label: (label: string): string => known(labelWords, label),
    check: (name: string): string => of(checkWords[name]?.title, name),
    /** A list may have words of its own for it. */
    title: ({ check, title }: Named): string => title ?? of(checkWords[check]?.title, check),
    outlineTitle: ({ check, titles }: CheckListOutline['checks'][number]): string => of(titles ?? checkWords[check]?.title, check),
    list: ({ names }: { names: InBoth }): string => names[language],
    what: (check: string): string | null => checkWords[check]?.what[language] ?? null,
    valueName: (check: string, value: string): string => of(checkWords[check]?.values[value], value),
    next: ({ check, next, values }: Pick<CheckResult, 'check' | 'next' | 'values'>): string | null =>
      next === null
        ? null
        : filled(of(checkWords[check]?.nexts[next], next), Object.fromEntries(values.map(({ name, value }) => [name, value]))),
    nextWord: (check: string, next: string): string => of(checkWords[check]?.nexts[next], next),
    question: ({ ask, data }: CheckQuestion): string => filled(questionWords[ask][language], data),
    value: (value: Parameters<typeof valueText>[0]): string => valueText(value, language),
    limit: (value: Parameters<typeof limitText>[0]): string => limitText(value, language),
  };
}
