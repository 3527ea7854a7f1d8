import type { Completeness, CompletenessModel } from '../../engines/completeness/engine.ts';
import { unsure } from '../../engines/completeness/engine.ts';
import { english } from './rules/en.ts';
import { chinese } from './rules/zh.ts';

/** One thing that tells whether a sentence is complete. The first rule that matches decides. */
export interface CompletenessRule {
  reason: string;
  probability: number;
  /** Tried on the text in lower case, punctuation at its end taken off, spaces single. */
  pattern: RegExp;
}

export interface LanguageRules {
  /** In order of precedence. */
  rules: readonly CompletenessRule[];
  /** When none matches: by how many words (Han characters) there are at least, the longest first. */
  byLength: readonly { words: number; completeness: Completeness }[];
}

/**
 * Completeness by rules that anybody can read and argue with: trailing conjunctions and fillers, question forms, final particles,
 * commands with their object, numbers that are being dictated. It reads only; a model may take its place.
 */
export function createCompletenessRules(): CompletenessModel {
  return {
    id: 'rules',
    audioMs: 0,
    judge: ({ text, language }) => judgeByRules(text, language === 'zh' || /\p{Script=Han}/u.test(text) ? chinese : english),
  };
}

const punctuation = /[\s,，.。!！?？、;；:：~～"'”’]+$/u;
const words = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}'’])+/gu;

function judgeByRules(text: string, { rules, byLength }: LanguageRules): Completeness {
  const lower = text.toLowerCase().replaceAll(/\s+/gu, ' ').trim();
  // Recognisers that punctuate know the sentence's melody: an open one is left open, a question is a question.
  const ending = punctuation.exec(lower)?.[0] ?? '';
  const plain = lower.replace(punctuation, '').replaceAll(/[,，]/gu, '');
  if (plain === '') return unsure;
  if (/[…—]$|\.\.\.$/u.test(lower)) return { probability: 0.1, reason: 'trailing-off' };
  const rule = rules.find(({ pattern }) => pattern.test(plain));
  if (rule && rule.probability < 0.5) return rule;
  if (/[?？]/u.test(ending)) return { probability: 0.95, reason: 'question-mark' };
  if (/[,，、:：;；]/u.test(ending)) return { probability: 0.25, reason: 'open-punctuation' };
  if (rule) return rule;
  if (/[.。!！]/u.test(ending)) return { probability: 0.8, reason: 'full-stop' };
  const count = plain.match(words)?.length ?? 0;
  return byLength.find((entry) => count >= entry.words)?.completeness ?? unsure;
}
