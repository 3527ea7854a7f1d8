import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionNote, TextHit } from '../../../../preload/contract/notes.ts';
import type { SessionSummary } from '../../../../preload/contract/sessions.ts';
import { useAction, useReply } from '../../../lib/actions.ts';
import { useDelayedText } from '../../../lib/delayed-text.ts';
import { instantText } from '../../../lib/quantities.ts';
import { sessionTitle } from '../../../lib/session-title.ts';
import { useSessionList } from '../../../lib/streams.ts';
import sessionCss from '../session.module.css';
import { useSessionView, useSessionViewStore } from '../session-view.ts';
import { NoteEditor } from './note-editor.tsx';
import css from './notes.module.css';
import { colourOfNote } from './use-notes.ts';

export interface NotesPanelProps {
  session: SessionSummary;
  notes: readonly SessionNote[];
  /** A note is being written. */
  isWriting: boolean;
  onWriting(isWriting: boolean): void;
}

/** The notes of a session: written, changed, gone to, and found, in this session and in the others. */
export function NotesPanel({ session, notes, isWriting, onWriting }: NotesPanelProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState('');
  const find = useDelayedText(wanted, setWanted);
  const [editedId, setEditedId] = useState<number | null>(null);
  const has = (text: string): boolean => text.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase());
  const shown = notes.filter((note) => has(note.text));
  const isWholeShown = session.note !== '' && has(session.note);
  return (
    <>
      <div className={css.find}>
        <div className={css.row}>
          <TextInput
            style={{ flex: 1 }}
            placeholder={t('playback.note.find')}
            aria-label={t('playback.note.find')}
            value={find.text}
            onChange={(event) => find.type(event.currentTarget.value)}
          />
          <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} title="N" onClick={() => onWriting(true)}>
            {t('playback.note.add')}
          </Button>
        </div>
      </div>
      {isWriting && <NewNote sessionId={session.id} onDone={() => onWriting(false)} />}
      <ul className={css.list} aria-label={t('playback.notes')}>
        {isWholeShown && (
          <li className={css.note}>
            <span className="quiet" style={{ gridColumn: '1 / -1', fontSize: 11 }}>
              {t('playback.note.whole')}
            </span>
            <span className={css.text} style={{ gridColumn: '1 / -1' }}>
              {session.note}
            </span>
          </li>
        )}
        {shown.map((note) =>
          editedId === note.id ? (
            <li key={note.id}>
              <ChangedNote sessionId={session.id} note={note} onDone={() => setEditedId(null)} />
            </li>
          ) : (
            <NoteRow key={note.id} sessionId={session.id} note={note} onEdit={() => setEditedId(note.id)} />
          ),
        )}
        {shown.length === 0 && !isWholeShown && (
          <li className={sessionCss.nothing}>{wanted.trim() === '' ? t('playback.note.none') : t('playback.note.noneFound')}</li>
        )}
        {wanted.trim() !== '' && <Elsewhere text={wanted.trim()} sessionId={session.id} />}
      </ul>
    </>
  );
}

function NewNote({ sessionId, onDone }: { sessionId: string; onDone(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const store = useSessionViewStore();
  // Where it was begun, wherever the cursor goes meanwhile.
  const [place] = useState(() => {
    const { cursorUs, range } = store.getState();
    return range === null ? { atUs: cursorUs, toUs: null } : { atUs: Math.round(range.fromUs), toUs: Math.round(range.toUs) };
  });
  const text =
    place.toUs === null
      ? t('playback.note.addHere', { time: instantText(place.atUs, 2) })
      : t('playback.note.addOver', { from: instantText(place.atUs, 2), to: instantText(place.toUs, 2) });
  return (
    <NoteEditor
      place={text}
      initial={{ text: '', colour: 'yellow' }}
      isBusy={isBusy}
      onCancel={onDone}
      onSave={(draft) => void run('notes.add', { sessionId, ...place, ...draft }).then((reply) => reply !== null && onDone())}
    />
  );
}

function ChangedNote({ sessionId, note, onDone }: { sessionId: string; note: SessionNote; onDone(): void }) {
  const { run, isBusy } = useAction();
  return (
    <NoteEditor
      place={placeText(note)}
      initial={note}
      isBusy={isBusy}
      onCancel={onDone}
      onSave={(draft) => void run('notes.change', { sessionId, id: note.id, ...draft }).then((reply) => reply !== null && onDone())}
    />
  );
}

function placeText({ atUs, toUs }: SessionNote): string {
  return toUs === null ? instantText(atUs, 2) : `${instantText(atUs, 1)} – ${instantText(toUs, 1)}`;
}

function NoteRow({ sessionId, note, onEdit }: { sessionId: string; note: SessionNote; onEdit(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const store = useSessionViewStore();
  const isLit = useSessionView((state) => state.lit !== null && state.lit.fromUs === note.atUs && state.lit.toUs === note.toUs);
  return (
    <li className={css.note} data-lit={isLit} style={{ borderLeftColor: colourOfNote[note.colour] }}>
      <button type="button" className={css.place} style={{ gridColumn: '1 / 3', textAlign: 'left' }} onClick={() => goToNote(store, note)}>
        {placeText(note)}
      </button>
      <span className={css.row} style={{ gap: 0 }}>
        <ActionIcon size={20} aria-label={t('playback.note.edit')} onClick={onEdit}>
          <IconPencil size={13} />
        </ActionIcon>
        <ActionIcon
          size={20}
          aria-label={t('playback.note.remove')}
          loading={isBusy}
          onClick={() => void run('notes.remove', { sessionId, id: note.id })}
        >
          <IconTrash size={13} />
        </ActionIcon>
      </span>
      <span className={css.text} style={{ gridColumn: '1 / -1' }}>
        {note.text}
      </span>
    </li>
  );
}

/** The cursor to the note, its stretch lit. */
export function goToNote(store: ReturnType<typeof useSessionViewStore>, note: SessionNote): void {
  store.getState().moveCursor(note.atUs);
  store.getState().light(note.toUs === null ? null : { fromUs: note.atUs, toUs: note.toUs });
}

function Elsewhere({ text, sessionId }: { text: string; sessionId: string }) {
  const { t } = useTranslation();
  const found = useReply('notes.find', { text });
  const sessions = useSessionList() ?? [];
  const hits = (found.data?.hits ?? []).filter((hit) => hit.kind === 'turn' || hit.sessionId !== sessionId);
  if (hits.length === 0) return null;
  const titleOf = (id: string): string => {
    const session = sessions.find((each) => each.id === id);
    return session === undefined ? id : sessionTitle(session);
  };
  const here = hits.filter((hit) => hit.sessionId === sessionId);
  const elsewhere = hits.filter((hit) => hit.sessionId !== sessionId);
  return (
    <>
      {here.map((hit) => (
        <HitLink key={keyOf(hit)} hit={hit} />
      ))}
      {elsewhere.length > 0 && <li className={css.heading}>{t('playback.note.elsewhere')}</li>}
      {elsewhere.map((hit) => (
        <HitLink key={keyOf(hit)} hit={hit} title={titleOf(hit.sessionId)} />
      ))}
    </>
  );
}

function keyOf(hit: TextHit): string {
  return hit.kind === 'turn' ? `${hit.sessionId} ${hit.conversationId} ${hit.turnId}` : `${hit.sessionId} note ${hit.id}`;
}

function HitLink({ hit, title }: { hit: TextHit; title?: string }) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const parameters =
    hit.kind === 'turn'
      ? new URLSearchParams({
          conversation: hit.conversationId,
          t: String(hit.startedUs),
          sel: `turn:${hit.turnId}:${hit.conversationId}`,
        })
      : new URLSearchParams(hit.atUs === null ? {} : { t: String(hit.atUs) });
  const body = (
    <>
      <span className="quiet" style={{ fontSize: 11 }}>
        {title} {hit.kind === 'turn' ? t('playback.note.saidThere', { turn: hit.turnId }) : t('playback.note.text')}
      </span>
      <div className="truncate">{hit.kind === 'turn' ? `${hit.userText} ${hit.replyText}` : hit.text}</div>
    </>
  );
  return (
    <li>
      <a
        className={css.hit}
        href={`#/sessions/${encodeURIComponent(hit.sessionId)}?${parameters}`}
        onClick={(event) => {
          if (title !== undefined || hit.kind !== 'turn') return;
          event.preventDefault();
          store.getState().select({ kind: 'turn', conversationId: hit.conversationId, turnId: hit.turnId }, hit.startedUs);
        }}
      >
        {body}
      </a>
    </li>
  );
}
