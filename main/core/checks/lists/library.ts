import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CheckListDocument } from '../../../../preload/contract/checks.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Store } from '../../store/store.ts';
import type { Check } from '../check.ts';
import { nearNames } from './near.ts';
import { inspectList, readList } from './read.ts';

const storedList = z.object({ text: z.string() });

export interface BuiltInList {
  id: string;
  text: string;
}

export interface LibraryDeps {
  store: Store;
  clock: Clock;
  known: readonly Check[];
  builtIn: readonly BuiltInList[];
}

/** The lists there are: those that come with the product, and one's own. */
export class ListLibrary {
  readonly #deps: LibraryDeps;
  readonly #lists = new Map<string, CheckListDocument>();
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(deps: LibraryDeps) {
    this.#deps = deps;
    for (const { id, text } of deps.builtIn) this.#lists.set(id, this.#document(id, text, { isBuiltIn: true, changedWallMs: 0 }));
  }

  static async open(deps: LibraryDeps): Promise<ListLibrary> {
    const library = new ListLibrary(deps);
    for (const { id, wallMs, body } of await deps.store.read('document.list', { kind: 'check-list' })) {
      const stored = storedList.safeParse(body);
      if (stored.success && !library.#lists.has(id))
        library.#lists.set(id, library.#document(id, stored.data.text, { isBuiltIn: false, changedWallMs: wallMs }));
    }
    return library;
  }

  all(): CheckListDocument[] {
    return [...this.#lists.values()];
  }

  /** Throws TalkError 'not-found' {near}: ids that may have been meant. */
  require(id: string): CheckListDocument {
    const found = this.#lists.get(id);
    if (found === undefined) throw new TalkError('not-found', { what: 'check list', id, near: nearNames(id, [...this.#lists.keys()]) });
    return found;
  }

  /** The list that says the same, whatever its line ends. */
  saying(text: string): CheckListDocument | undefined {
    return this.all().find((list) => plain(list.text) === plain(text));
  }

  /**
   * A list that is brought along (`isCopy` false, no id) is the one that says the same; else, with the name of one of one's own, that list's new
   * version. Throws TalkError 'check/bad-list', 'check/built-in', 'not-found' for an id that is none's, and 'check/list-differs' {id, name, version}
   * where the list of that name says something else under the same version: which of both is right nobody can tell.
   */
  put(list: { id?: string | undefined; text: string; isCopy: boolean }): Promise<CheckListDocument> {
    return this.#inTurn(() => this.#put(list));
  }

  async #put({ id: given, text, isCopy }: { id?: string | undefined; text: string; isCopy: boolean }): Promise<CheckListDocument> {
    const { store, clock, known } = this.#deps;
    if (given !== undefined && this.require(given).isBuiltIn) throw new TalkError('check/built-in', { id: given });
    const { name, version } = readList(text, known);
    const isBrought = given === undefined && !isCopy;
    const same = isBrought ? this.saying(text) : undefined;
    if (same !== undefined) return same;
    const before = isBrought
      ? this.all().find(({ names, isBuiltIn }) => !isBuiltIn && names.en === name.en && names.zh === name.zh)
      : undefined;
    if (before?.version === version) throw new TalkError('check/list-differs', { id: before.id, name: name.en, version });
    const id = given ?? before?.id;
    const document = this.#document(id ?? randomUUID(), text, { isBuiltIn: false, changedWallMs: clock.wallMs() });
    await store.write('document.save', { kind: 'check-list', id: document.id, body: { text }, wallMs: document.changedWallMs });
    this.#lists.set(document.id, document);
    return document;
  }

  /** Throws TalkError 'not-found', 'check/built-in'. */
  remove(id: string): Promise<void> {
    return this.#inTurn(() => this.#remove(id));
  }

  async #remove(id: string): Promise<void> {
    if (this.require(id).isBuiltIn) throw new TalkError('check/built-in', { id });
    await this.#deps.store.write('document.remove', { kind: 'check-list', id });
    this.#lists.delete(id);
  }

  /** One change after the other: what a list is compared with is what the one before has made of the library. */
  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => {});
    return done;
  }

  /** A list that this version cannot read any more is kept and shown all the same. */
  #document(id: string, text: string, of: Pick<CheckListDocument, 'isBuiltIn' | 'changedWallMs'>): CheckListDocument {
    const { list } = inspectList(text, this.#deps.known);
    if (list === null)
      return { id, name: id, names: { zh: id, en: id }, version: '', boardKinds: [], serialNumber: null, checkCount: 0, text, ...of };
    const { name, version, boardKinds, serialNumber, items } = list;
    const told = { name: name.en, names: name, version, boardKinds: [...boardKinds], serialNumber, checkCount: items.length };
    return { id, ...told, text, ...of };
  }
}

function plain(text: string): string {
  return text
    .replace(/^\ufeff/u, '')
    .replaceAll('\r\n', '\n')
    .trimEnd();
}
