import { serveWorkerCalls } from '../../threads/worker-calls.ts';
import { createPhraseMatcher, type PhraseMatch, type PhraseMatcher } from './phrase-matcher.ts';

export type PhraseRequest =
  | { kind: 'enrol'; language: string; text: string; pcm: Int16Array }
  | { kind: 'match'; language: string; pcm: Int16Array; among: ReadonlySet<string> };

/** A match, or undefined when nothing was recognised or the call was an enrolment. */
export type PhraseReply = PhraseMatch | undefined;

const matchers = new Map<string, PhraseMatcher>();

serveWorkerCalls<PhraseRequest, PhraseReply>((request) => {
  let matcher = matchers.get(request.language);
  if (!matcher) {
    matcher = createPhraseMatcher();
    matchers.set(request.language, matcher);
  }
  if (request.kind === 'match') return matcher.match(request.pcm, request.among);
  matcher.enrol(request.text, request.pcm);
  return undefined;
});
